/** The forward pass over many rows: batches of like length, one session for all of them, logits a row. */
import type { Arena } from "../engine/kernels/arena.ts";
import type { Runtime, Session } from "../engine/runtime/session.ts";
import type { Features } from "../tasks/features.ts";
import type { Evaluation, Task, TaskData } from "../tasks/task.ts";
import { allocate, batchBytes, batchSizes, packBatch } from "./batch.ts";
import type { ParameterStore } from "./parameter-store.ts";
import { NAMES, type Program } from "./program.ts";
import { type Rounding, roundingFor } from "./rounding.ts";
import { largestScored, scoringBatches } from "./scoring-batches.ts";

export interface ScoreOptions {
  /** Most rows of a batch; by default only their tokens count. */
  batchSize?: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

export class Scorer {
  readonly #session: Session;
  readonly #program: Program;
  readonly #arena: Arena;
  readonly #wanted: ReadonlySet<string>;
  readonly #rounding: Rounding;

  static async create(options: {
    runtime: Runtime;
    program: Program;
    store: ParameterStore;
    threads?: number;
  }): Promise<Scorer> {
    const { runtime, program, store, threads } = options;
    const session = await runtime.createSession(program.model, { threads });
    session.bind(store.views(program));
    return new Scorer(session, program, store.arena, roundingFor(runtime));
  }

  private constructor(session: Session, program: Program, arena: Arena, rounding: Rounding) {
    this.#session = session;
    this.#program = program;
    this.#arena = arena;
    this.#wanted = new Set(program.feeds.map(({ name }) => name));
    this.#rounding = rounding;
  }

  /** Bytes of the arena that a batch of rows of up to `maxLength` tokens needs. */
  static bytes(program: Program, maxLength: number): number {
    const largest = largestScored(maxLength);
    const outputs = program.outputs.map(({ dims }) => ({ dims, bytes: 4 }));
    return batchBytes(outputs, largest) + 4 * largest.squares;
  }

  /**
   * Calls `onRow(row, logits)` for every row, by length and not in order; `logits` (`[C]`, or `[length, C]` where the
   * head reads every token) is overwritten afterwards.
   */
  async score(
    features: Features,
    onRow: (row: number, logits: Float32Array) => void,
    { batchSize, signal, onProgress }: ScoreOptions = {},
  ): Promise<void> {
    let done = 0;
    for (const rows of scoringBatches(features, this.#rounding, batchSize)) {
      await this.scoreBatch(features, rows, onRow, signal);
      done += rows.length;
      onProgress?.(done, features.rows);
    }
  }

  /** As `score`, one batch of these rows, the longest first. */
  async scoreBatch(
    features: Features,
    rows: Uint32Array,
    onRow: (row: number, logits: Float32Array) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const mark = this.#arena.mark();
    try {
      const sizes = batchSizes(features, rows, this.#rounding);
      const batch = packBatch(this.#arena, features, rows, this.#wanted, sizes);
      const spec = this.#program.outputs.find(({ name }) => name === NAMES.logits)!;
      const logits = allocate(this.#arena, spec, batch.sizes);
      await this.#session.run(batch.feeds, { [NAMES.logits]: logits }, { signal });
      const data = logits.data as Float32Array;
      const perToken = spec.dims[0] === "T";
      const width = data.length / (perToken ? batch.sizes.T : rows.length);
      let start = 0;
      for (const row of rows) {
        const end = start + width * (perToken ? features.length(row) : 1);
        onRow(row, data.subarray(start, end));
        start = end;
      }
    } finally {
      this.#arena.release(mark);
    }
  }

  dispose(): void {
    this.#session.dispose();
  }
}

/** The task's evaluation, filled with all rows. */
export async function evaluateRows<D extends TaskData>(
  task: Task<D>,
  scorer: Scorer,
  data: D,
  options?: ScoreOptions,
): Promise<Evaluation> {
  const evaluation = task.evaluation(data);
  await scorer.score(data.features, (row, logits) => evaluation.update(row, logits), options);
  return evaluation;
}
