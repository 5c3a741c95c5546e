/** The checkpoints of an output folder: the last few of a run, by step, until the run is done. */
import type { TensorToWrite } from "../../files/checkpoint.ts";
import { currentDisk } from "../../files/disk.ts";
import { errorCode, ioError } from "../../files/io-errors.ts";
import { removeFolder } from "../../files/sealed-folder.ts";
import { InputError } from "../../util/errors.ts";
import type { TrainingEvent } from "../events.ts";
import type { LoopState } from "../loop-state.ts";
import { listed, stateFaults } from "../non-finite.ts";
import type { ParameterStore } from "../parameter-store.ts";
import { type CheckpointContent, readCheckpoint, writeCheckpoint } from "./checkpoint.ts";

/** In the output folder. */
export const CHECKPOINTS = "checkpoints";

type Emit = (event: TrainingEvent) => void;

export class CheckpointFolder {
  readonly #folder: string;
  /** Steps of those that are there, ascending. */
  readonly #steps: number[];
  #settled: Promise<void> = Promise.resolve();

  /**
   * Takes over the checkpoints of `output`, which this process has for itself: those up to `step` stay; later ones, which
   * the run would write again, go, and so does what was left half-written.
   */
  static async open(output: string, step: number): Promise<CheckpointFolder> {
    const folder = `${output}/${CHECKPOINTS}`;
    const steps: number[] = [];
    for (const name of await namesIn(folder)) {
      const found = stepOf(name);
      if (found !== undefined && found <= step) steps.push(found);
      else if (OURS.test(name)) await removeFolder(`${folder}/${name}`);
    }
    return new CheckpointFolder(folder, steps.sort(byNumber));
  }

  private constructor(folder: string, steps: number[]) {
    this.#folder = folder;
    this.#steps = steps;
  }

  /**
   * Writes a checkpoint; reading it back goes on beside the caller, and only then those before it go, but for the last
   * `limit` in all. One that has a number that is none is not written: the last good one stays.
   */
  async write(
    store: ParameterStore,
    content: { state: LoopState; best?: readonly TensorToWrite[]; ground: object },
    { limit, emit }: { limit: number; emit: Emit },
  ): Promise<void> {
    await this.settle();
    const { step } = content.state;
    if (step === this.#steps.at(-1)) return;
    const broken = stateFaults(store);
    if (broken.length > 0) {
      const message = `step ${step}: ${listed(broken, 2)} not finite; no checkpoint is written.`;
      return emit({ type: "warning", message });
    }
    const folder = this.#path(step);
    emit({ type: "saving", step });
    const start = performance.now();
    await writeCheckpoint(folder, store, content);
    this.#steps.push(step);
    this.#settled = this.#confirm(folder, limit);
    this.#settled.catch(() => {}); // told to whoever waits for it
    emit({ type: "checkpoint", step, folder, seconds: (performance.now() - start) / 1000 });
  }

  /** When all that was written is read back. Throws `InputError` where it is not what was written. */
  settle(): Promise<void> {
    return this.#settled;
  }

  /** `write`, then `settle`. */
  async save(...given: Parameters<CheckpointFolder["write"]>): Promise<void> {
    await this.write(...given);
    await this.settle();
  }

  /** Once the model is saved. What somebody else put into the folder stays. */
  async remove(): Promise<void> {
    const names = await namesIn(this.#folder);
    const ours = names.filter((name) => OURS.test(name));
    if (ours.length === names.length) return removeFolder(this.#folder);
    for (const name of ours) await removeFolder(`${this.#folder}/${name}`);
  }

  async #confirm(folder: string, limit: number): Promise<void> {
    await readCheckpoint(folder);
    while (this.#steps.length > limit) await removeFolder(this.#path(this.#steps.shift()!));
  }

  #path(step: number): string {
    return `${this.#folder}/step-${step}`;
  }
}

/** The checkpoint of `output` with the highest step that is whole; those that are not are told. */
export async function latestCheckpoint<Ground>(
  output: string,
  emit: Emit,
): Promise<CheckpointContent<Ground> | undefined> {
  const folder = `${output}/${CHECKPOINTS}`;
  const steps = (await namesIn(folder)).flatMap((name) => stepOf(name) ?? []);
  for (const step of steps.sort(byNumber).reverse()) {
    try {
      return await readCheckpoint<Ground>(`${folder}/step-${step}`);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      emit({ type: "warning", message: `${error.message.split("\n")[0]} It is passed over.` });
    }
  }
  if (steps.length > 0) emit({ type: "warning", message: "No checkpoint is whole: the run begins anew." });
  return undefined;
}

/** What is in a folder; nothing where there is none. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await currentDisk().list(folder);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return [];
    throw ioError(error, folder);
  }
}

/** A checkpoint, or one that was not finished or on its way out. */
const OURS = /^(step-\d+|\.step-\d+\..*\.tmp)$/;

function stepOf(name: string): number | undefined {
  const match = /^step-([1-9]\d*)$/.exec(name);
  return match ? Number(match[1]) : undefined;
}

function byNumber(a: number, b: number): number {
  return a - b;
}
