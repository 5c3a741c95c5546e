/** What the command says of a run that Ctrl-C has stopped, and when a save holds it back. */
import { describe, expect, it } from "vitest";
import { fakeHost, run } from "../../../test/cli/fake-host.ts";
import { InputError } from "../../util/errors.ts";
import { Interruption } from "./interrupts.ts";
import type { Library, TrainingEvent } from "./library.ts";

const TRAIN = ["train", "--train", "my rows.tsv", "--output", "m", "--progress", "none"];

const SAVED: TrainingEvent[] = [
  { type: "saving", step: 7 },
  { type: "checkpoint", step: 7, folder: "m/checkpoints/step-7", seconds: 0.4 },
];

/** A host whose training is interrupted by `signal`, emits `events`, and rejects with what `end` says, or the reason. */
function interrupted(signal: "SIGINT" | "SIGTERM", events: TrainingEvent[], end?: Error) {
  const holds: boolean[] = [];
  const fineTune: Library["fineTune"] = async ({ onEvent, signal: given }) => {
    host.controller.abort(new Interruption(signal));
    for (const event of events) onEvent?.(event);
    throw end ?? given?.reason;
  };
  const host = fakeHost({ fineTune }, { hold: (held) => holds.push(held) });
  return { host, holds };
}

it("a save holds Ctrl-C back, and only a save does", async () => {
  const holds: boolean[] = [];
  const fineTune: Library["fineTune"] = async ({ onEvent }) => {
    for (const event of SAVED) onEvent?.(event);
    onEvent?.({ type: "saving", step: 9 });
    onEvent?.({ type: "saved", folder: "m" });
    throw new InputError("enough");
  };
  await run(TRAIN, fakeHost({ fineTune }, { hold: (held) => holds.push(held) }));
  expect(holds).toEqual([true, false, true, false]);
});

describe("after Ctrl-C", () => {
  it("says how to go on, where something was saved", async () => {
    const { host, holds } = interrupted("SIGINT", SAVED);
    const { status, stderr } = await run(TRAIN, host);
    expect([status, holds]).toEqual([130, [true, true]]);
    expect(stderr).toBe(
      "Interrupted; step 7 and all before it are saved. To go on:\n" +
        "bertwright train --train 'my rows.tsv' --output m --progress none --resume\n",
    );
  });

  it("says nothing of a way on where there is none", async () => {
    const { host } = interrupted("SIGTERM", [{ type: "saving", step: 7 }]);
    expect(await run(TRAIN, host)).toMatchObject({ status: 143, stderr: "Interrupted.\n" });
  });

  it.each([
    [["--overwrite"], ""],
    [["--resume", "m/checkpoints/step-3"], ""],
    [["--resume=m/checkpoints/step-3", "--seed", "3"], " --seed 3"],
    [["--resume", "--seed", "3"], " --seed 3"],
  ])("%j becomes --resume", async (given, kept) => {
    const { host } = interrupted("SIGINT", SAVED);
    const { stderr } = await run([...TRAIN, ...given], host);
    expect(stderr.trimEnd()).toMatch(new RegExp(`--progress none${kept} --resume$`));
  });

  it("begins from the same checkpoint where nothing was added to it", async () => {
    const { host } = interrupted("SIGINT", [{ type: "resumed", step: 3, folder: "old/step-3" }]);
    const { stderr } = await run([...TRAIN, "--resume", "old/step-3"], host);
    expect(stderr.trimEnd()).toMatch(/step 3 and all.*\n.* --resume old\/step-3$/);
  });

  it("says why nothing could be saved", async () => {
    const { host } = interrupted("SIGINT", [], new InputError("m: the disk is full."));
    expect(await run(TRAIN, host)).toMatchObject({ status: 130, stderr: "Error: m: the disk is full.\n" });
  });
});

it("a run that is done says so and no more", async () => {
  const host = fakeHost({
    fineTune: async ({ onEvent, task }) => {
      onEvent?.({ type: "finished", folder: "m" });
      const nothing = { seconds: 0, tokensPerSecond: 0, peakMemoryMb: 0, plannedMemoryMb: 0 };
      return { output: "m", task, metrics: {}, ...nothing };
    },
  });
  const argv = ["train", "--train", "t.tsv", "--output", "m", "--resume", "--progress", "lines"];
  expect(await run(argv, host)).toMatchObject({
    status: 0,
    stdout: "",
    stderr: "The run in m is done: there is nothing to go on with.\n",
  });
});
