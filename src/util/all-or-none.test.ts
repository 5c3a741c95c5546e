import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { allOrNone } from "./all-or-none.ts";

function disposable() {
  const made = { disposed: 0, dispose: () => void made.disposed++ };
  return made;
}

describe("allOrNone", () => {
  it("gives all in order, whoever is first", async () => {
    const [a, b] = [disposable(), disposable()];
    const slow = setTimeout(5).then(() => a);
    expect(await allOrNone([slow, undefined, Promise.resolve(), b])).toEqual([a, undefined, undefined, b]);
    expect([a.disposed, b.disposed]).toEqual([0, 0]);
  });

  it("disposes of what the others made, also of what comes after the failure", async () => {
    const [early, late] = [disposable(), disposable()];
    const slow = setTimeout(5).then(() => late);
    const failing = Promise.reject(new Error("no memory"));
    const other = setTimeout(1).then(() => Promise.reject(new Error("another")));
    await expect(allOrNone([slow, other, undefined, failing, Promise.resolve(early)])).rejects.toThrow(
      "another",
    );
    expect([early.disposed, late.disposed]).toEqual([1, 1]);
  });
});
