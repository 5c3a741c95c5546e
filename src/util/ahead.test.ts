/** Order, how far ahead, errors in their place, and what happens to work that nobody waits for any more. */
import { describe, expect, it } from "vitest";
import { workAhead } from "./ahead.ts";

/** Resolves when everything that can go on has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

function watched(count: number, { failsAt = -1 } = {}) {
  const log = { fetched: 0, closed: false };
  async function* items() {
    try {
      for (let i = 0; i < count; i++) {
        if (i === failsAt) throw new Error(`no item ${i}`);
        log.fetched++;
        yield i;
      }
    } finally {
      log.closed = true;
    }
  }
  return { log, items: items() };
}

async function collect<T>(items: AsyncIterable<T>) {
  const list: T[] = [];
  try {
    for await (const item of items) list.push(item);
    return { list };
  } catch (error) {
    return { list, error: String(error) };
  }
}

describe("workAhead", () => {
  it("keeps the order, whatever is done first", async () => {
    const { items } = watched(5);
    const slowAtFirst = async (i: number) => {
      for (let turn = i; turn < 5; turn++) await settled();
      return 10 * i;
    };
    expect(await collect(workAhead(items, slowAtFirst))).toEqual({ list: [0, 10, 20, 30, 40] });
  });

  it("begins the next item, and only that, while a result is awaited and while it is used", async () => {
    const { log, items } = watched(9);
    const finish: (() => void)[] = [];
    const work = (i: number) => new Promise<number>((resolve) => finish.push(() => resolve(i)));
    const results = workAhead(items, work);
    const first = results.next();
    await settled();
    expect([log.fetched, finish.length]).toEqual([2, 2]);
    finish[1]();
    await settled();
    expect([log.fetched, finish.length]).toEqual([2, 2]);
    finish[0]();
    expect((await first).value).toBe(0);
    await settled();
    expect([log.fetched, finish.length]).toEqual([2, 2]);
    expect((await results.next()).value).toBe(1);
    expect([log.fetched, finish.length]).toEqual([3, 3]);
  });

  it("throws what fetching throws, behind the results before it", async () => {
    const { items } = watched(5, { failsAt: 2 });
    const outcome = await collect(workAhead(items, async (i) => i));
    expect(outcome).toEqual({ list: [0, 1], error: "Error: no item 2" });
  });

  it("throws what work throws in its place, and closes the source", async () => {
    const { log, items } = watched(5);
    const outcome = await collect(
      workAhead(items, async (i) => {
        if (i === 1) throw new Error("too hard");
        return i;
      }),
    );
    await settled();
    expect([outcome, log.closed]).toEqual([{ list: [0], error: "Error: too hard" }, true]);
  });

  it("aborts the work under way and closes the source when the consumer leaves", async () => {
    const { log, items } = watched(5);
    const signals: AbortSignal[] = [];
    for await (const result of workAhead(items, async (i, signal) => {
      signals.push(signal);
      return i;
    })) {
      if (result === 1) break;
    }
    await settled();
    expect([log.fetched, log.closed]).toEqual([3, true]);
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
  });

  it("does not wait for a source that is silent when the consumer leaves", async () => {
    async function* items() {
      yield 1;
      await new Promise(() => {});
    }
    const results = workAhead(items(), async (i) => i);
    expect(await results.next()).toEqual({ value: 1, done: false });
    expect(await results.return()).toEqual({ value: undefined, done: true });
  });

  it("of nothing is nothing", async () => {
    expect(await collect(workAhead(watched(0).items, async (i) => i))).toEqual({ list: [] });
  });
});
