/**
 * One block of memory for everything that a run reads and writes: weights, gradients, moments, and each step's feeds.
 * Sessions bind views of it in place and the kernels walk it.
 */
import { InputError } from "../../util/errors.ts";
import { type Kernels, type LoadedKernels, loadKernels } from "./kernels.ts";

const PAGE = 65_536;
/** What a 32-bit WebAssembly memory can hold. */
const MAX_BYTES = 65_536 * PAGE;
/** The kernels wait for memory: more threads than these find no more of it. */
const MOST_THREADS = 4;
/** Every buffer starts on a cache line: some of the runtimes' kernels give other bits elsewhere. */
const ALIGNMENT = 64;

/**
 * A `WebAssembly.Memory` that has its final size from the start, so that its views never detach, handed out from the
 * bottom up. Offset 0 is never handed out: the first 64 bytes stay zero.
 */
export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  /** Runs several kernels that do not depend on each other, on all threads. */
  readonly together: LoadedKernels["together"];
  /** To be called when no kernels run together any more: threads that help hold the memory. */
  readonly end: LoadedKernels["end"];
  readonly byteLength: number;
  #used = ALIGNMENT;
  /**
   * V8 does not count shared memory, and would not look for garbage however many arenas are garbage. It counts this
   * buffer, of which no page is ever touched.
   */
  readonly counted: ArrayBuffer | undefined;

  private constructor(memory: WebAssembly.Memory, { kernels, together, end }: LoadedKernels) {
    this.memory = memory;
    this.kernels = kernels;
    this.together = together;
    this.end = end;
    this.byteLength = memory.buffer.byteLength;
    const isShared = !(memory.buffer instanceof ArrayBuffer);
    this.counted = isShared ? untouched(this.byteLength) : undefined;
  }

  /**
   * An arena of at least `bytes`, zeroed. A buffer of n bytes takes n rounded up to 64, and 64 bytes are the arena's own.
   * Throws `RangeError` above 4 GiB and `InputError` where the system does not give the memory. `threads`: how many may
   * run kernels; with more than one the memory is shared.
   */
  static async create(bytes: number, { threads = 1 }: { threads?: number } = {}): Promise<Arena> {
    if (!(bytes >= 0)) throw new RangeError(`Arena: expected a number of bytes, got ${bytes}`);
    if (bytes > MAX_BYTES)
      throw new RangeError(`Arena: ${bytes} bytes exceed the ${MAX_BYTES} of one memory`);
    const helpers = Math.min(threads, MOST_THREADS) - 1;
    const memory = allocate(Math.max(1, Math.ceil(bytes / PAGE)), { shared: helpers > 0 });
    return new Arena(memory, await loadKernels(memory, helpers));
  }

  /** A shared buffer is none by its type, but views of it go wherever views of one that is not shared go here. */
  get #buffer(): ArrayBuffer {
    return this.memory.buffer as ArrayBuffer;
  }

  /** Bytes handed out so far, with the gaps between buffers. */
  get used(): number {
    return this.#used;
  }

  float32(length: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#buffer, this.#take(length, 4), length);
  }

  float64(length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.#buffer, this.#take(length, 8), length);
  }

  int64(length: number): BigInt64Array<ArrayBuffer> {
    return new BigInt64Array(this.#buffer, this.#take(length, 8), length);
  }

  int32(length: number): Int32Array<ArrayBuffer> {
    return new Int32Array(this.#buffer, this.#take(length, 4), length);
  }

  uint16(length: number): Uint16Array<ArrayBuffer> {
    return new Uint16Array(this.#buffer, this.#take(length, 2), length);
  }

  uint8(length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#buffer, this.#take(length, 1), length);
  }

  /** Where the next buffer starts: `release(mark)` gives back all that was taken since. */
  mark(): number {
    return this.#used;
  }

  /** Forgets the buffers taken since `mark`; their contents stay until they are taken again, which does not clear them. */
  release(mark: number): void {
    if (!(mark >= ALIGNMENT && mark <= this.#used && mark % ALIGNMENT === 0)) {
      throw new RangeError(`Arena: ${mark} is no mark of this arena, ${this.#used} bytes are used`);
    }
    this.#used = mark;
  }

  #take(length: number, elementBytes: number): number {
    const start = this.#used;
    const end = start + Math.ceil((length * elementBytes) / ALIGNMENT) * ALIGNMENT;
    if (!(Number.isInteger(length) && length >= 0)) throw new RangeError(`Arena: ${length} is no length`);
    if (end > this.byteLength) {
      const free = this.byteLength - start;
      throw new RangeError(
        `Arena: ${length * elementBytes} bytes do not fit, ${free} of ${this.byteLength} are free`,
      );
    }
    this.#used = end;
    return start;
  }
}

/** undefined where the system does not promise memory that it does not have. */
function untouched(bytes: number): ArrayBuffer | undefined {
  try {
    return new ArrayBuffer(bytes);
  } catch {
    return undefined;
  }
}

function allocate(pages: number, { shared }: { shared: boolean }): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  } catch (cause) {
    const megabytes = Math.ceil((pages * PAGE) / 1e6);
    throw new InputError(
      `not enough memory: the system refused ${megabytes} MB for weights, gradients and optimizer state\n` +
        "Close other programs or take a smaller model.",
      { cause },
    );
  }
}
