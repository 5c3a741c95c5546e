/**
 * One optimizer step: micro-batches through the step graph, embedding rows added up, then the optimizer, unless a
 * number is not finite. The gradients land in the arena, where the kernels read them.
 */
import type { Arena } from "../engine/kernels/arena.ts";
import type { Runtime, Session, TensorView } from "../engine/runtime/session.ts";
import { FEEDS } from "../model/packed-inputs.ts";
import type { Features } from "../tasks/features.ts";
import type { Task } from "../tasks/task.ts";
import { hashText, PURPOSE } from "../util/random.ts";
import { allocate, type Batch, batchBytes, batchSizes, packBatch, type Sizes } from "./batch.ts";
import { EmbeddingTables } from "./embedding-tables.ts";
import { diagnose, isSound, type NonFinite } from "./non-finite.ts";
import { clipping, gradientNorm, moveWeights, type OptimizerOptions } from "./optimizer.ts";
import { type ParameterStore, type StoredParameter, together } from "./parameter-store.ts";
import { NAMES, type Program } from "./program.ts";
import { mostRounded, type Rounding, roundingFor } from "./rounding.ts";

/** Where in the run a step is. */
export interface StepPlace {
  /** From 0; with the seed it decides the dropout masks. */
  readonly step: number;
  /** How many of the steps before were left out: AdamW does not count them. Default 0. */
  readonly skipped?: number;
  readonly learningRate: number;
}

export interface StepResult {
  /** Mean loss of the step's rows. */
  readonly loss: number;
  /** Global gradient norm before clipping. */
  readonly gradientNorm: number;
  readonly tokens: number;
  /** Where numbers are not finite; the step then moved no weight. */
  readonly nonFinite?: NonFinite;
}

/** What `packBatch` makes, whose bytes `batchBytes` knows. */
const MAPS: ReadonlySet<string> = new Set(Object.values(FEEDS));

export class TrainingStep {
  readonly #task: Task;
  readonly #program: Program;
  readonly #session: Session;
  readonly #store: ParameterStore;
  readonly #arena: Arena;
  readonly #seed: number;
  readonly #wanted: ReadonlySet<string>;
  readonly #accumulates: boolean;
  readonly #rounding: Rounding;
  /** All that learn. */
  readonly #learning: readonly StoredParameter[];
  /** Of these all but the embedding tables, whose gradients come as rows. */
  readonly #dense: readonly StoredParameter[];
  readonly #tables: EmbeddingTables;

  static async create(options: {
    runtime: Runtime;
    program: Program;
    task: Task;
    store: ParameterStore;
    seed: number;
    threads?: number;
    accumulation: number;
  }): Promise<TrainingStep> {
    const { threads } = options;
    const session = await options.runtime.createSession(options.program.model, { threads });
    return new TrainingStep(options, session);
  }

  private constructor(
    { runtime, program, task, store, seed, accumulation }: Parameters<typeof TrainingStep.create>[0],
    session: Session,
  ) {
    this.#program = program;
    this.#task = task;
    this.#store = store;
    this.#arena = store.arena;
    this.#seed = seed;
    this.#session = session;
    this.#wanted = new Set(program.feeds.map(({ name }) => name));
    this.#accumulates = accumulation > 1;
    this.#rounding = roundingFor(runtime);
    this.#learning = store.parameters.filter(({ frozen }) => !frozen);
    this.#dense = this.#learning.filter(({ spec }) => !spec.table);
    this.#tables = new EmbeddingTables(store);
    session.bind(store.views(program));
    session.bind(Object.fromEntries(this.#dense.map((parameter) => this.#gradientBinding(parameter))));
  }

  /** Bytes of the arena that a batch needs. */
  static bytes(program: Program, largest: Sizes): number {
    const bound = new Set(
      program.parameters.filter(({ table }) => !table).map(({ name }) => NAMES.gradient(name)),
    );
    const values = [
      ...program.masks.map(({ dims, type }) => ({ dims, bytes: type === "uint8" ? 1 : 2 })),
      ...[...program.feeds, ...program.outputs]
        .filter(({ dtype, name }) => dtype === "float32" && !bound.has(name) && !MAPS.has(name))
        .map(({ dims }) => ({ dims, bytes: 4 })),
    ];
    return batchBytes(values, mostRounded(largest));
  }

  /**
   * Computes the gradients of a step's mean loss and leaves them in the store; `micro` holds each micro-batch's row
   * numbers. `step` counts from 0 and, with the seed, decides the dropout masks. `losses`: what each micro-batch adds to
   * the loss.
   */
  async gradients(
    features: Features,
    micro: readonly ArrayLike<number>[],
    step: number,
    signal?: AbortSignal,
  ): Promise<{ loss: number; losses: number[]; tokens: number; logits: Float32Array[] }> {
    if (micro.length > 1 && !this.#accumulates) {
      throw new Error(`internal: ${micro.length} micro-batches in a step that does not accumulate`);
    }
    this.#tables.clear();
    const count = micro.reduce((sum, rows) => sum + this.#task.lossCount(features, rows), 0);
    let tokens = 0;
    const [losses, logits]: [number[], Float32Array[]] = [[], []];
    for (let i = 0; i < micro.length; i++) {
      const mark = this.#arena.mark();
      try {
        const sizes = batchSizes(features, micro[i], this.#rounding);
        const batch = packBatch(this.#arena, features, micro[i], this.#wanted, sizes);
        const outputs = await this.#runMicroBatch(batch, features, micro[i], count, [step, i], signal);
        losses.push((outputs.loss.data[0] as number) / count);
        logits.push(this.#ownLogits(outputs.logits, batch));
        tokens += batch.tokens;
        if (this.#accumulates) this.#addPartials(i === 0);
        if (outputs.rows) this.#tables.add(batch, outputs.rows.data as Float32Array);
      } finally {
        this.#arena.release(mark);
      }
    }
    return { loss: losses.reduce((sum, part) => sum + part, 0), losses, tokens, logits };
  }

  /**
   * The whole step. Numbers that are not finite leave weights and moments alone, and the result says where they are.
   */
  async run(
    features: Features,
    micro: readonly ArrayLike<number>[],
    { step, skipped = 0, learningRate }: StepPlace,
    options: OptimizerOptions,
    signal?: AbortSignal,
  ): Promise<StepResult> {
    const { loss, losses, tokens, logits } = await this.gradients(features, micro, step, signal);
    const norm = gradientNorm(this.#learning);
    const gradientScale = clipping(norm, options);
    const result = { loss, tokens, gradientNorm: norm };
    if (!isSound(loss, norm * gradientScale)) {
      const perToken = this.#isPerToken;
      const batches = micro.map((rows, i) => ({ rows, loss: losses[i], logits: logits[i], perToken }));
      return { ...result, nonFinite: diagnose(this.#store, features, batches) };
    }
    moveWeights(this.#learning, { updates: step - skipped, learningRate, gradientScale }, options);
    return result;
  }

  dispose(): void {
    this.#session.dispose();
  }

  async #runMicroBatch(
    batch: Batch,
    features: Features,
    numbers: ArrayLike<number>,
    count: number,
    [step, micro]: [number, number],
    signal?: AbortSignal,
  ) {
    const { sizes } = batch;
    const specOf = (name: string) =>
      [...this.#program.feeds, ...this.#program.outputs].find((other) => other.name === name);
    const value = (name: string) => {
      const spec = specOf(name);
      if (!spec) throw new Error(`internal: no value ${name}`);
      return allocate(this.#arena, spec, sizes);
    };
    const lossWeight = value(NAMES.lossWeight);
    lossWeight.data[0] = 1 / count;
    const feeds: Record<string, TensorView> = {
      ...batch.feeds,
      ...this.#masks(sizes, step, micro),
      ...this.#targets(value, features, numbers),
      [NAMES.lossWeight]: lossWeight,
    };
    for (const [name, input] of this.#program.copies) feeds[name] = feeds[input];
    const [loss, logits] = [value(NAMES.loss), value(NAMES.logits)];
    // Where all tables are frozen, there is none.
    const rows = specOf(NAMES.rowGradient) && value(NAMES.rowGradient);
    const fetches = {
      [NAMES.loss]: loss,
      [NAMES.logits]: logits,
      ...(rows && { [NAMES.rowGradient]: rows }),
    };
    await this.#session.run(feeds, fetches, { signal });
    return { loss, logits, rows };
  }

  #masks(sizes: Sizes, step: number, micro: number): Record<string, TensorView> {
    const masks = this.#program.masks.map(({ name, inputs, dims, type, probability }) => {
      const mask = allocate(this.#arena, { name, dims, dtype: type }, sizes);
      return { inputs, mask, keep: 1 - probability, stream: hashText(name) ^ PURPOSE.dropout };
    });
    this.#arena.together((kernels) => {
      for (const { mask, keep, stream } of masks) {
        kernels.dropoutMask(mask.data as Uint8Array | Uint16Array, keep, [this.#seed, stream, step, micro]);
      }
    });
    return Object.fromEntries(masks.flatMap(({ inputs, mask }) => inputs.map((input) => [input, mask])));
  }

  #targets(value: (name: string) => TensorView, features: Features, rows: ArrayLike<number>) {
    const views = Object.fromEntries(Object.keys(this.#task.targets).map((name) => [name, value(name)]));
    const targets = Object.entries(views).map(([name, { data }]) => [name, data as Float32Array] as const);
    this.#task.writeTargets(features, rows, Object.fromEntries(targets));
    return views;
  }

  get #isPerToken(): boolean {
    return this.#task.logitsDims[0] === "T";
  }

  /** A copy without the pads: a head that reads every token has logits for them too. */
  #ownLogits({ data }: TensorView, { sizes, tokens }: Batch): Float32Array {
    const length = this.#isPerToken ? (data.length / sizes.T) * tokens : data.length;
    return Float32Array.from((data as Float32Array).subarray(0, length));
  }

  #addPartials(first: boolean): void {
    if (first) for (const { gradient, partial } of this.#dense) gradient.set(partial);
    else together(this.#dense, (kernels, { gradient, partial }) => kernels.add(gradient, partial));
  }

  #gradientBinding({ spec, gradient, partial }: StoredParameter): [string, TensorView] {
    const data = this.#accumulates ? partial : gradient;
    return [NAMES.gradient(spec.name), { type: "float32", dims: spec.dims, data }];
  }
}
