/**
 * Threads that help with kernel calls that do not depend on each other: work sharing by one counter, as OpenMP's dynamic
 * schedule does it. The calling thread takes calls too and does not wait for a helper to wake, so a late or missing one
 * costs nothing but its share.
 */
import { Worker } from "node:worker_threads";

/** A kernel by its place in a list that all threads have, and its arguments. */
export type KernelCall = readonly [kernel: number, ...args: number[]];
export type KernelFunctions = readonly ((...args: number[]) => unknown)[];

/** int32 words that all threads see. */
const WORD = { round: 0, left: 1, done: 2, failed: 3 } as const;
const WORDS = 4;
/** A call in float64, which holds each argument: kernel, how many arguments, the arguments. */
const CALL_NUMBERS = 18;
const CALLS = 1024;
/** A helper that has nothing to do for so long ends; the next calls start another. */
const IDLE_MS = 60_000;

/** What a helper is given. */
interface Shared {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly names: readonly string[];
  readonly words: Int32Array<SharedArrayBuffer>;
  readonly calls: Float64Array<SharedArrayBuffer>;
  readonly constants: { WORD: typeof WORD; CALL_NUMBERS: number; IDLE_MS: number };
}

export class KernelThreads {
  readonly #shared: Shared;
  readonly #helpers: (Worker | undefined)[];
  /** Whether this system starts no threads. */
  #isAlone = false;

  /** `module` over the shared `memory`, whose exports `names` are what calls name by their place. */
  constructor(
    { module, memory, names }: Pick<Shared, "module" | "memory" | "names">,
    { helpers }: { helpers: number },
  ) {
    this.#shared = {
      ...{ module, memory, names },
      words: new Int32Array(new SharedArrayBuffer(WORDS * 4)),
      calls: new Float64Array(new SharedArrayBuffer(CALLS * CALL_NUMBERS * 8)),
      constants: { WORD, CALL_NUMBERS, IDLE_MS },
    };
    this.#helpers = Array(helpers).fill(undefined);
  }

  /** Returns when all `calls` are done, by this thread, which calls `functions`, or by a helper; in any order. */
  run(calls: readonly KernelCall[], functions: KernelFunctions): void {
    this.#startMissing();
    for (let start = 0; start < calls.length; start += CALLS) {
      this.#runSome(calls.slice(start, start + CALLS), functions);
    }
  }

  #runSome(list: readonly KernelCall[], functions: KernelFunctions): void {
    const { words, calls } = this.#shared;
    for (const [i, [kernel, ...args]] of list.entries())
      calls.set([kernel, args.length, ...args], i * CALL_NUMBERS);
    Atomics.store(words, WORD.done, 0);
    // Counted down, so that a helper that comes late from the round before finds nothing, whatever this one's length is.
    Atomics.store(words, WORD.left, list.length);
    Atomics.add(words, WORD.round, 1);
    Atomics.notify(words, WORD.round);
    for (let i = Atomics.sub(words, WORD.left, 1) - 1; i >= 0; i = Atomics.sub(words, WORD.left, 1) - 1) {
      const [kernel, ...args] = list[i];
      try {
        functions[kernel](...args);
      } catch {
        Atomics.store(words, WORD.failed, 1);
      }
      Atomics.add(words, WORD.done, 1);
    }
    for (
      let done = Atomics.load(words, WORD.done);
      done < list.length;
      done = Atomics.load(words, WORD.done)
    ) {
      Atomics.wait(words, WORD.done, done);
    }
    if (Atomics.load(words, WORD.failed) !== 0) throw new Error("internal: a kernel failed");
  }

  /** Ends the helpers, which hold the memory; further calls start others. */
  end(): void {
    for (const helper of this.#helpers) void helper?.terminate();
    this.#helpers.fill(undefined);
  }

  #startMissing(): void {
    for (let i = 0; i < this.#helpers.length && !this.#isAlone; i++) {
      if (!this.#helpers[i]) this.#helpers[i] = this.#start();
    }
  }

  /** A helper that cannot start is missed by nobody. */
  #start(): Worker | undefined {
    try {
      const source = `(${help})(require("node:worker_threads").workerData)`;
      const worker = new Worker(source, { eval: true, execArgv: [], workerData: this.#shared });
      // The process may end while it waits.
      worker.unref();
      worker.on("exit", () => {
        const place = this.#helpers.indexOf(worker);
        if (place >= 0) this.#helpers[place] = undefined;
      });
      worker.on("error", () => {
        this.#isAlone = true;
      });
      return worker;
    } catch {
      this.#isAlone = true;
      return undefined;
    }
  }
}

/** A helper's whole life. Its source text runs on another thread: it sees its argument and globals, nothing of this file. */
function help({ module, memory, names, words, calls, constants }: Shared): void {
  const { WORD, CALL_NUMBERS, IDLE_MS } = constants;
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const functions = names.map((name) => exports[name] as (...args: number[]) => unknown);
  for (let round = Atomics.load(words, WORD.round); ; round = Atomics.load(words, WORD.round)) {
    for (let i = Atomics.sub(words, WORD.left, 1) - 1; i >= 0; i = Atomics.sub(words, WORD.left, 1) - 1) {
      const start = i * CALL_NUMBERS;
      try {
        functions[calls[start]](...calls.subarray(start + 2, start + 2 + calls[start + 1]));
      } catch {
        Atomics.store(words, WORD.failed, 1);
      }
      Atomics.add(words, WORD.done, 1);
      Atomics.notify(words, WORD.done);
    }
    if (Atomics.wait(words, WORD.round, round, IDLE_MS) === "timed-out") return;
  }
}
