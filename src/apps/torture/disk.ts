/**
 * The suite `disk`: each call of a run to the disk fails in turn. What was saved before stays as it is, the error is one
 * for a person, and the next start goes on to the same model and leaves nothing of the failed one.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Disk, type DiskCall, watchedDisk, withDisk } from "../../internals.ts";
import { InputError } from "../../util/errors.ts";
import { expectSame } from "./expect-same.ts";
import { hashesOf } from "./hashes.ts";
import { findCheckpoint, modelOf, Subject } from "./subject.ts";
import type { Suite } from "./suite.ts";
import { writeTinyModel } from "./tiny-model.ts";

/** What a call ends in; with `short` a write takes half of its bytes, and there is no room for the others. */
export const FAULTS = ["ENOSPC", "EIO", "short"] as const;
export type Fault = (typeof FAULTS)[number];

/** Of so many calls one fails, for a look in seconds. */
const QUICK = 149;
/** After so many cases a line says so. */
const TOLD = 100;

export const diskSuite: Suite = {
  about: "each call to the disk fails or falls short; what was saved stays, and the next start goes on",
  async run({ folder, quick, note }) {
    const subject = new Subject(writeTinyModel(join(folder, "model")));
    const straight = join(folder, "straight");
    const calls = await callsOf(() => subject.run(straight));
    note(`${calls.length} calls of a run to the disk.`);
    const model = modelOf(straight);
    let count = 0;
    for (const fault of FAULTS) {
      for (let number = 0; number < calls.length; number += quick ? QUICK : 1) {
        if (fault === "short" && calls[number].kind !== "write") continue;
        const output = join(folder, "output");
        const { kind, path } = calls[number];
        const where = `call ${number} (${kind} ${path}), ${fault}`;
        const { ended } = await tryFault(where, faultyDisk(number, fault), subject, output);
        expectSame(`${where}: the model of the next start`, modelOf(output), model);
        const left = readdirSync(output).sort();
        const whole = readdirSync(straight).sort();
        // A run that came to its end without its report is done, and is not reported again.
        expectSame(
          `${where}: what is left`,
          left,
          ended ? whole.filter((name) => left.includes(name)) : whole,
        );
        rmSync(output, { recursive: true });
        if (++count % TOLD === 0) note(`${count} calls failed.`);
      }
    }
    return count;
  },
};

/**
 * Runs on a disk with a fault, then on one without. `ended`: the first run came to its end, since the fault met what is
 * written about the model, not the model; then it warned.
 */
async function tryFault(
  where: string,
  disk: Disk,
  subject: Subject,
  output: string,
): Promise<{ ended: boolean }> {
  let saved: { step: number; files: object } | undefined;
  let warned = false;
  const run = withDisk(disk, () =>
    subject.run(output, {
      onEvent: (event) => {
        if (event.type === "checkpoint") saved = { step: event.step, files: hashesOf(event.folder) };
        if (event.type === "saved") saved = undefined;
        if (event.type === "warning") warned = true;
      },
    }),
  );
  const error = await run.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const ended = error === undefined && warned;
  if (!ended && !(error instanceof InputError))
    throw new Error(`${where}: the run ended with ${error}`, { cause: error });
  const { found, warnings } = await findCheckpoint(output);
  expectSame(`${where}: what is said of damaged checkpoints`, warnings, []);
  if (saved && found?.step === saved.step) expectSame(`${where}: the checkpoint`, found.files, saved.files);
  else if ((found?.step ?? 0) < (saved?.step ?? 0)) throw new Error(`${where}: step ${saved?.step} is gone`);
  await subject.run(output);
  return { ended };
}

/** All calls, in order. */
export async function callsOf(run: () => Promise<void>): Promise<DiskCall[]> {
  const calls: DiskCall[] = [];
  const disk = watchedDisk((call, make) => {
    calls.push(call);
    return make();
  });
  await withDisk(disk, run);
  return calls;
}

/** The real disk, but for the call of this number; one that falls short, the first write from there on. */
export function faultyDisk(number: number, fault: Fault): Disk {
  let count = 0;
  let short = 0;
  const refuse = (code: string): never => {
    throw Object.assign(new Error(`${code}, a fault of the disk`), { code });
  };
  return watchedDisk(async ({ bytes }, make) => {
    const turn = count++ - number;
    if (fault !== "short") return turn === 0 ? refuse(fault) : make();
    // What goes on beside comes now before, now after a write.
    if (turn < 0 || !bytes || short > 1) return make();
    return short++ === 0 ? make(bytes.subarray(0, bytes.length / 2)) : refuse("ENOSPC");
  });
}
