/**
 * A copy of the weights to go back to, those of the best evaluation. It lies in a scratch file, since memory is what a
 * training is short of; only where the disk refuses, in memory.
 */
import type { TensorToWrite } from "../files/checkpoint.ts";
import { errorCode, formatBytes } from "../files/io-errors.ts";
import type { ScratchFile, ScratchFiles } from "../files/scratch-files.ts";
import { InputError } from "../util/errors.ts";
import type { TrainingEvent } from "./events.ts";
import type { ParameterStore, StoredParameter } from "./parameter-store.ts";

/** What a tensor passes through on its way from the copy into another file. */
const STRETCH_BYTES = 2 ** 20;

interface Place {
  readonly parameter: StoredParameter;
  /** Of its first byte in the file; undefined for what does not change and so has no copy. */
  readonly position: number | undefined;
}

export class WeightsCopy {
  readonly #store: ParameterStore;
  readonly #scratch: ScratchFiles;
  readonly #emit: (event: TrainingEvent) => void;
  readonly #places: readonly Place[];
  #file: ScratchFile | undefined;
  #inMemory: Float32Array[] | undefined;

  /** Nothing is copied yet. `emit` is told where the disk refuses. */
  constructor(store: ParameterStore, scratch: ScratchFiles, emit: (event: TrainingEvent) => void) {
    this.#store = store;
    this.#scratch = scratch;
    this.#emit = emit;
    this.#places = placesOf(store);
  }

  /** Copies the weights of now, in place of what was copied before. */
  async take(): Promise<void> {
    if (!this.#inMemory) {
      try {
        return await this.#write();
      } catch (error) {
        this.#refused(error);
      }
    }
    this.#inMemory = this.#store.snapshot(this.#inMemory);
  }

  /** Puts the copy back into the store. */
  async restore(): Promise<void> {
    if (this.#inMemory) {
      this.#store.restore(this.#inMemory);
      return;
    }
    const file = this.#file!;
    await this.#eachCopied((bytes, position) => file.read(position, bytes));
    this.#store.round();
  }

  /** Gives the room back, once the copy is not needed any more. */
  drop(): void {
    this.#inMemory = undefined;
    try {
      this.#file?.clear();
    } catch {
      // The system gives it back when the process ends.
    }
  }

  /** All weights as they were when they were copied, to be written to a file. */
  tensors(): TensorToWrite[] {
    return this.#places.map(({ parameter: { spec, weight }, position }, i) => {
      const tensor = { name: spec.name, shape: spec.dims };
      if (position === undefined) return { ...tensor, data: weight };
      const bytes = () => this.#stretches(position, weight.byteLength);
      return { ...tensor, data: this.#inMemory?.[i] ?? { length: weight.length, bytes } };
    });
  }

  async #write(): Promise<void> {
    this.#file ??= this.#scratch.create();
    const file = this.#file;
    file.clear();
    await this.#eachCopied((bytes) => file.append(bytes));
  }

  /** Throws what is no refusal of the disk's. */
  #refused(error: unknown): void {
    if (!(error instanceof InputError || errorCode(error) !== undefined)) throw error;
    this.drop();
    const said = (error as Error).message.split("\n")[0].replace(/\.?$/, ".");
    const bytes = this.#places.reduce((sum, { parameter, position }) => {
      return position === undefined ? sum : sum + parameter.weight.byteLength;
    }, 0);
    const message = `${said} The best weights stay in memory, ${formatBytes(bytes)}; TMPDIR names another folder.`;
    this.#emit({ type: "warning", message });
  }

  async #eachCopied(visit: (bytes: Uint8Array, position: number) => void): Promise<void> {
    for (const { parameter, position } of this.#places) {
      if (position === undefined) continue;
      const { buffer, byteOffset, byteLength } = parameter.weight;
      visit(new Uint8Array(buffer, byteOffset, byteLength), position);
      // A signal that stops the process is not to wait for all of them.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  *#stretches(position: number, length: number): Generator<Uint8Array> {
    const buffer = new Uint8Array(Math.min(STRETCH_BYTES, length));
    for (let done = 0; done < length; done += buffer.length) {
      const stretch = buffer.subarray(0, Math.min(buffer.length, length - done));
      this.#file!.read(position + done, stretch);
      yield stretch;
    }
  }
}

function placesOf({ parameters }: ParameterStore): Place[] {
  let end = 0;
  return parameters.map((parameter) => {
    if (parameter.frozen) return { parameter, position: undefined };
    const position = end;
    end += parameter.weight.byteLength;
    return { parameter, position };
  });
}
