/**
 * The suite `rot`: one bit of a checkpoint's files is flipped, again and again. Each flip is found, and the run goes on
 * from the checkpoint before it; where there is none, that is said.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hash32, uniform } from "../../util/random.ts";
import { expectSame } from "./expect-same.ts";
import { findCheckpoint, modelOf, Subject } from "./subject.ts";
import type { Suite, SuiteContext } from "./suite.ts";
import { writeTinyModel } from "./tiny-model.ts";

const FLIPS = 10_000;
const QUICK_FLIPS = 100;
/** After so many flips a run goes on, to its end. */
const RESUMED = 500;
/** Stopped after this step, of which two checkpoints stay: that of the step before it as well. */
const STOPPED = 5;

export const rotSuite: Suite = {
  about: `${FLIPS.toLocaleString("en")} single bits of a checkpoint are flipped; each is found`,
  async run(context) {
    const subject = new Subject(writeTinyModel(join(context.folder, "model")));
    const straight = join(context.folder, "straight");
    await subject.run(straight);
    const output = join(context.folder, "output");
    await subject.runUntil(STOPPED, output, { saveTotalLimit: 2 });
    const rest = { ...context, subject, output, model: modelOf(straight) };
    const flips = await tryFlips(rest);
    return flips + (await tryAlone(rest));
  },
};

interface RotContext extends SuiteContext {
  subject: Subject;
  output: string;
  model: object;
}

const pathOf = (output: string, step: number, name = "") => join(output, "checkpoints", `step-${step}`, name);

async function tryFlips({ subject, output, model, folder, seed, quick, note }: RotContext): Promise<number> {
  const { found: whole } = await findCheckpoint(output);
  expectSame("the last checkpoint", whole?.step, STOPPED);
  const names = Object.keys(whole?.files ?? {});
  note(`Files of the checkpoint: ${names.join(", ")}.`);
  const before = join(folder, "before");
  cpSync(output, before, { recursive: true });
  rmSync(pathOf(before, STOPPED), { recursive: true });
  const { found: expected } = await findCheckpoint(before);
  const flips = quick ? QUICK_FLIPS : FLIPS;
  for (let i = 0; i < flips; i++) {
    // Each file as often as the others, whatever its size.
    const name = names[i % names.length];
    const path = pathOf(output, STOPPED, name);
    const bytes = readFileSync(path);
    const bit = Math.floor(uniform(seed, i) * 8 * bytes.length);
    writeFileSync(path, flipped(bytes, bit));
    const where = `${name}, bit ${bit}`;
    const { found, warnings } = await findCheckpoint(output);
    expectSame(`${where}: the checkpoint that is found`, found, expected);
    expectSame(`${where}: warnings`, warnings.length, 1);
    if (i % RESUMED === 0) {
      const copy = join(folder, "copy");
      cpSync(output, copy, { recursive: true });
      await subject.run(copy);
      expectSame(`${where}: the model of the run that goes on`, modelOf(copy), model);
      rmSync(copy, { recursive: true });
    }
    writeFileSync(path, bytes);
  }
  return flips;
}

/** Without another checkpoint each file is damaged once. */
async function tryAlone({ subject, output, model, folder, seed }: RotContext): Promise<number> {
  const names = Object.keys((await findCheckpoint(output)).found?.files ?? {});
  for (const name of names) {
    const copy = join(folder, "alone");
    cpSync(output, copy, { recursive: true });
    rmSync(pathOf(copy, STOPPED - 1), { recursive: true });
    const bytes = readFileSync(pathOf(copy, STOPPED, name));
    writeFileSync(pathOf(copy, STOPPED, name), flipped(bytes, hash32(seed) % (8 * bytes.length)));
    const { found, warnings } = await findCheckpoint(copy);
    expectSame(`${name}, alone: the checkpoint that is found`, found, undefined);
    expectSame(
      `${name}, alone: what is said last`,
      warnings.at(-1),
      "No checkpoint is whole: the run begins anew.",
    );
    await subject.run(copy);
    expectSame(`${name}, alone: the model of a run that begins anew`, modelOf(copy), model);
    rmSync(copy, { recursive: true });
  }
  return names.length;
}

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const other = new Uint8Array(bytes);
  other[bit >> 3] ^= 1 << (bit & 7);
  return other;
}
