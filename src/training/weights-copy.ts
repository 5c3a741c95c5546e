/**
 * A copy of the weights to go back to, those of the best evaluation. It lies in a scratch file, since memory is what a
 * training is short of; only where the disk refuses, in memory.
 */
import type { TensorToWrite } from "../files/checkpoint.ts";
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
        if (!(error instanceof InputError)) throw error;
        this.#file?.clear();
        const message = `${error.message.split("\n")[0]} The best weights stay in memory.`;
        this.#emit({ type: "warning", message });
      }
    }
    this.#inMemory = this.#store.snapshot(this.#inMemory);
  }

  /** Puts the copy back into the store. */
  restore(): void {
    if (this.#inMemory) {
      this.#store.restore(this.#inMemory);
      return;
    }
    for (const { parameter, position } of this.#places) {
      if (position !== undefined) this.#file!.read(position, bytesOf(parameter));
    }
    this.#store.round();
  }

  /** All weights as they were when they were copied, to be written to a file. */
  tensors(): TensorToWrite[] {
    return this.#places.map(({ parameter, position }, i) => {
      const { spec, weight } = parameter;
      const read = () => this.#stretches(position!, weight.byteLength);
      const copied = this.#inMemory?.[i] ?? { length: weight.length, bytes: read };
      return { name: spec.name, shape: spec.dims, data: position === undefined ? weight : copied };
    });
  }

  async #write(): Promise<void> {
    this.#file ??= this.#scratch.create();
    this.#file.clear();
    for (const { parameter, position } of this.#places) {
      if (position === undefined) continue;
      this.#file.append(bytesOf(parameter));
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

function bytesOf({ weight }: StoredParameter): Uint8Array {
  return new Uint8Array(weight.buffer, weight.byteOffset, weight.byteLength);
}
