/**
 * What memory a run will take, counted before its first step, and what to change where the machine has less. The
 * activations are counted from the graph itself (`Program.activationBytes`), at the sizes of the first epoch's batches.
 */
import { type Lowering, loweringOf } from "../engine/onnx/lowering.ts";
import { formatBytes } from "../files/io-errors.ts";
import { memoryLimit, peakMemory, residentMemory } from "../files/machine.ts";
import type { EncoderOptions } from "../model/bert.ts";
import type { BertConfig } from "../model/config.ts";
import type { Features } from "../tasks/features.ts";
import type { Task } from "../tasks/task.ts";
import { InputError } from "../util/errors.ts";
import { largestSizes, type Sizes } from "./batch.ts";
import { firstEpochSizes, type Sampling } from "./epoch-sizes.ts";
import { frozenParameters, layersInBackwardPass } from "./freezing.ts";
import { ParameterStore, type StoreOptions } from "./parameter-store.ts";
import { evaluationProgram, type Program, trainingProgram } from "./program.ts";
import { roundingFor } from "./rounding.ts";
import { type PlannedRuntime, runtimeBytes } from "./runtime-memory.ts";
import { Scorer } from "./scorer.ts";
import { scoringSizes } from "./scoring-batches.ts";
import { TrainingStep } from "./training-step.ts";

/** Bytes. */
export interface MemoryPlan {
  /** The parameters. The copy of the best so far is in a file; where the disk refuses it, it comes on top of the plan. */
  readonly weights: number;
  /**
   * Gradients, AdamW's moments, weights in bf16 where a runtime reads them, and partial gradients where a step has several
   * batches.
   */
  readonly optimizer: number;
  /** The largest batch of the first epoch, all that a step keeps of it at the worst moment, and the runtime's own. */
  readonly activations: number;
  /** The process before the run, with the data. */
  readonly process: number;
  /** The most that the process takes. */
  readonly total: number;
  /** What this machine, or this container, has. */
  readonly limit: number;
  /** Rows of that batch and tokens of its longest row. */
  readonly rows: number;
  readonly tokens: number;
}

export interface MemorySetting {
  batchSize: number;
  accumulation: number;
  /** Whether layers are computed again in the backward pass. */
  checkpointing: boolean;
  /** Rows are cut to so many tokens; default: as they are. */
  maxLength?: number;
}

export interface PlannedRun {
  task: Task;
  config: BertConfig;
  runtime: PlannedRuntime;
  train: Features;
  /** Which rows come together. */
  sampling: Pick<Sampling, "seed" | "groupByLength" | "totalSteps">;
  validation?: Features;
  /** What stays as it is, as `frozenParameters` takes it; default nothing. */
  freeze?: readonly string[];
  /** Bytes that the process holds, and the most that it ever held; default: as the system says. */
  process?: { resident: number; peak: number };
}

/** Probabilities of all layers, in bytes, from which on computing them again is worth its time. */
const MANY_PROBABILITIES = 512e6;

/** What ONNX Runtime, OpenVINO and V8 say when the system refuses them memory. */
const OUT_OF_MEMORY =
  /failed to allocate memory|bad_alloc|not enough memory|cannot allocate memory|buffer allocation failed/i;
/** What ran out of memory should be tried again with so much of it. */
const LIGHTER = 0.75;

/**
 * What a step of these sizes computes again in its backward pass, which goes through so many layers. Heads that read `[CLS]`
 * alone have none of these probabilities in the last one: for them it is one layer too careful.
 */
export function chooseRecompute(
  { num_hidden_layers, num_attention_heads: heads }: BertConfig,
  { B, S }: Sizes,
  { checkpointing = false, layers = num_hidden_layers } = {},
): EncoderOptions["recompute"] {
  if (checkpointing) return "layers";
  return 4 * layers * B * heads * S * S > MANY_PROBABILITIES ? "attention" : undefined;
}

/**
 * Masks save 2 % of a step's time in bf16. They come as bytes where a step of these sizes would compute something again if all
 * layers learned: layers below the backward pass have masks as well.
 */
export function trainingLowering(
  runtime: PlannedRun["runtime"],
  config: BertConfig,
  largest: Sizes,
  checkpointing = false,
): Lowering {
  const sparesMemory = chooseRecompute(config, largest, { checkpointing }) !== undefined;
  return loweringOf(runtime, { masks: sparesMemory ? "bytes" : "bf16" });
}

/** Plans a run under one setting or another; programs are made once each. */
export class MemoryPlanner {
  readonly evaluation: Program;
  /** Names of the parameters that do not learn. */
  readonly frozen: ReadonlySet<string>;
  readonly #run: PlannedRun;
  readonly #process: { resident: number; peak: number };
  readonly #training: { recompute: EncoderOptions["recompute"]; lowering: Lowering; program: Program }[] = [];
  readonly #sizes = new Map<string, Sizes>();
  readonly #batches = new Map<string, readonly Sizes[]>();

  /** Throws `UsageError` for a name in `freeze` that is no parameter's. */
  constructor(run: PlannedRun) {
    this.#run = run;
    this.#process = run.process ?? { resident: residentMemory(), peak: peakMemory() };
    this.evaluation = evaluationProgram(run.task, run.config, { lowering: loweringOf(run.runtime) });
    this.frozen = frozenParameters(run.freeze ?? [], this.evaluation.parameters);
  }

  training(setting: MemorySetting): Program {
    const { task, config, runtime } = this.#run;
    const { num_hidden_layers } = config;
    const layers = layersInBackwardPass(this.evaluation.parameters, this.frozen, num_hidden_layers);
    const { checkpointing } = setting;
    const largest = this.#largest(setting);
    const recompute = chooseRecompute(config, largest, { checkpointing, layers });
    const lowering = trainingLowering(runtime, config, largest, checkpointing);
    const known = this.#training.find((one) => one.recompute === recompute && one.lowering === lowering);
    if (known) return known.program;
    const program = trainingProgram(task, config, { recompute, lowering, frozen: this.frozen });
    this.#training.push({ recompute, lowering, program });
    return program;
  }

  /** Parameters, and room for the largest batch. */
  store(setting: MemorySetting): StoreOptions {
    const { validation } = this.#run;
    const scored = validation ? Scorer.bytes(this.evaluation, validation.maxLength) : 0;
    const trained = TrainingStep.bytes(this.training(setting), this.#largest(setting));
    return {
      training: true,
      frozen: this.frozen,
      rounded: new Set(this.training(setting).rounded.values()),
      accumulates: setting.accumulation > 1,
      batchBytes: Math.max(trained, scored),
    };
  }

  plan(setting: MemorySetting): MemoryPlan {
    const program = this.training(setting);
    const store = this.store(setting);
    const all = program.parameters;
    const weights = ParameterStore.bytes(all, { training: false, batchBytes: 0 });
    const optimizer = ParameterStore.bytes(all, { ...store, batchBytes: 0 }) - weights;
    const { bytes: activations, sizes } = this.#largestBatch(setting);
    return {
      weights,
      optimizer,
      activations,
      process: this.#process.resident,
      total: Math.max(this.#process.resident + weights + optimizer + activations, this.#process.peak),
      limit: memoryLimit(),
      rows: sizes.B,
      tokens: sizes.S,
    };
  }

  /** The plan; throws `InputError` with advice where it exceeds `limit`. */
  check(setting: MemorySetting, limit = memoryLimit()): MemoryPlan {
    const plan = this.plan(setting);
    if (plan.total <= limit) return plan;
    const what = `training with ${setting.batchSize} rows of up to ${plan.tokens} tokens`;
    throw new InputError(
      `${what} needs about ${formatBytes(plan.total)} of memory, this machine has ${formatBytes(limit)}.\n` +
        this.advice(setting, limit),
    );
  }

  /** An error that says that memory ran out, as an `InputError` with advice; any other as it is. */
  explain(error: unknown, setting: MemorySetting): unknown {
    if (!(error instanceof Error && OUT_OF_MEMORY.test(error.message))) return error;
    const { total, rows, tokens } = this.plan(setting);
    return new InputError(
      `out of memory: a step with ${rows} rows of up to ${tokens} tokens takes about ${formatBytes(total)}, and the system gave less.\n` +
        this.advice(setting, LIGHTER * total),
      { cause: error },
    );
  }

  /** What to add to the command so that it takes no more than `limit`, with what it then takes. */
  advice(setting: MemorySetting, limit: number): string {
    const fits = (changed: MemorySetting) => this.plan(changed).total <= limit;
    const checkpointed = { ...setting, checkpointing: true };
    const alone = [
      ...(setting.checkpointing ? [] : [checkpointed].filter(fits)),
      ...smallerBatches(setting).filter(fits).slice(0, 1),
    ];
    const found = alone.length > 0 ? alone : this.#harderChoices(checkpointed, fits);
    if (found.length === 0) {
      return "Take a smaller model: weights, gradients and moments alone leave too little.";
    }
    const texts = found.map(
      (changed) => `${flags(setting, changed)} (${formatBytes(this.plan(changed).total)})`,
    );
    return `Take ${texts.join(", or ")}.`;
  }

  /** Both together, and where that is not enough, with shorter rows. */
  #harderChoices(checkpointed: MemorySetting, fits: (setting: MemorySetting) => boolean): MemorySetting[] {
    const smallest = [checkpointed, ...smallerBatches(checkpointed)];
    const longest = this.#largest(checkpointed).S;
    const lengths = [longest, ...[256, 128, 64, 32].filter((length) => length < longest)];
    for (const maxLength of lengths) {
      const found = smallest.map((setting) => ({ ...setting, maxLength })).find(fits);
      if (found) return [maxLength === longest ? { ...found, maxLength: undefined } : found];
    }
    return [];
  }

  /** What the largest batch takes of arena and runtime, and its sizes; an evaluation's session stays beside training's. */
  #largestBatch(setting: MemorySetting): { bytes: number; sizes: Sizes } {
    const program = this.training(setting);
    const { validation, runtime } = this.#run;
    const scored = validation ? [this.evaluation.activationBytes(scoringSizes(validation.maxLength))] : [];
    const scoredFeeds = validation ? Scorer.bytes(this.evaluation, validation.maxLength) : 0;
    const taken = this.#firstEpoch(setting).map((sizes) => {
      const feeds = Math.max(TrainingStep.bytes(program, sizes), scoredFeeds);
      return {
        sizes,
        bytes: Math.ceil(feeds + runtimeBytes(runtime, [program.activationBytes(sizes), ...scored])),
      };
    });
    return taken.reduce((most, other) => (other.bytes > most.bytes ? other : most));
  }

  #firstEpoch({ batchSize, accumulation, maxLength }: MemorySetting): readonly Sizes[] {
    const key = `${batchSize} ${accumulation} ${maxLength}`;
    const { train, runtime, sampling } = this.#run;
    const batches =
      this.#batches.get(key) ??
      firstEpochSizes(train, { ...sampling, batchSize, accumulation, maxLength }, roundingFor(runtime));
    this.#batches.set(key, batches);
    return batches;
  }

  /** No batch of any epoch is larger. */
  #largest({ batchSize, maxLength }: MemorySetting): Sizes {
    const key = `${batchSize} ${maxLength}`;
    const sizes = this.#sizes.get(key) ?? largestSizes(this.#run.train, batchSize, maxLength);
    this.#sizes.set(key, sizes);
    return sizes;
  }
}

/** The same rows a step in more and smaller batches, the largest first. */
function smallerBatches(setting: MemorySetting): MemorySetting[] {
  const { batchSize, accumulation } = setting;
  const parts = Array.from({ length: batchSize }, (_, i) => i + 1).filter(
    (n) => n > 1 && batchSize % n === 0,
  );
  return parts.map((n) => ({ ...setting, batchSize: batchSize / n, accumulation: accumulation * n }));
}

/** Options of the command that make one setting of another. */
function flags(from: MemorySetting, to: MemorySetting): string {
  const changed = [
    [from.checkpointing !== to.checkpointing, "--gradient-checkpointing"],
    [from.batchSize !== to.batchSize, `--batch-size ${to.batchSize}`],
    [from.accumulation !== to.accumulation, `--gradient-accumulation-steps ${to.accumulation}`],
    [from.maxLength !== to.maxLength, `--max-seq-length ${to.maxLength}`],
  ] as const;
  return changed.flatMap(([is, text]) => (is ? [text] : [])).join(" ");
}
