/**
 * A copy of the weights to go back to, those of the best evaluation. It lies in a scratch file, since memory is what a
 * training is short of; only where the disk refuses, in memory.
 */
import type { TensorToWrite } from "../files/checkpoint.ts";
import { formatBytes } from "../files/io-errors.ts";
import type { ScratchFile, ScratchFiles } from "../files/scratch-files.ts";
import { InputError } from "../util/errors.ts";
import type { TrainingEvent } from "./events.ts";
import type { ParameterStore, StoredParameter } from "./parameter-store.ts";

/** So many bytes go to the file or come from it at once. */
const STRETCH_BYTES = 8 * 2 ** 20;

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

  /** Puts the copy back into the store. Throws `InputError` where the disk does not give it back. */
  async restore(): Promise<void> {
    if (this.#inMemory) {
      this.#store.restore(this.#inMemory);
      return;
    }
    const file = this.#taken();
    await this.#eachStretch((bytes, position) => file.read(position, bytes));
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
      const bytes = () => this.#read(position, weight.byteLength);
      return { ...tensor, data: this.#inMemory?.[i] ?? { length: weight.length, bytes } };
    });
  }

  async #write(): Promise<void> {
    this.#file ??= this.#scratch.create();
    const file = this.#file;
    file.clear();
    await this.#eachStretch((bytes) => file.append(bytes));
  }

  /** Throws what neither the disk nor the system says. */
  #refused(error: unknown): void {
    if (!(error instanceof InputError || isSystemError(error))) throw error;
    this.drop();
    const said = error.message.split("\n")[0].replace(/\.?$/, ".");
    const copied = this.#places.filter(({ position }) => position !== undefined);
    const size = formatBytes(copied.reduce((sum, { parameter }) => sum + parameter.weight.byteLength, 0));
    const message = `${said} The best weights stay in memory, ${size}; TMPDIR names another folder.`;
    this.#emit({ type: "warning", message });
  }

  /** Visits all that is copied, in order. Between two stretches others have their turn: a signal, a caller's timer. */
  async #eachStretch(visit: (bytes: Uint8Array, position: number) => void): Promise<void> {
    for (const { parameter, position } of this.#places) {
      if (position === undefined) continue;
      const { buffer, byteOffset, byteLength } = parameter.weight;
      for (let done = 0; done < byteLength; done += STRETCH_BYTES) {
        const length = Math.min(STRETCH_BYTES, byteLength - done);
        visit(new Uint8Array(buffer, byteOffset + done, length), position + done);
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  }

  *#read(position: number, length: number): Generator<Uint8Array> {
    const file = this.#taken();
    const buffer = new Uint8Array(Math.min(STRETCH_BYTES, length));
    for (let done = 0; done < length; done += buffer.length) {
      const stretch = buffer.subarray(0, Math.min(buffer.length, length - done));
      file.read(position + done, stretch);
      yield stretch;
    }
  }

  #taken(): ScratchFile {
    if (!this.#file) throw new Error("internal: no weights were copied");
    return this.#file;
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

/** A refused call of the system; Node's own errors have a code as well, but no such call. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error && "syscall" in error;
}
