/** Our side of the step: random weights, trained on random tokens in batches whose rows have the lengths asked for. */
import { availableParallelism } from "node:os";
import {
  chooseRecompute,
  Features,
  initialize,
  type LoadedRuntime,
  ParameterStore,
  type Sizes,
  TrainingStep,
  trainingLowering,
} from "../../internals.ts";
import {
  type BertConfig,
  type Program,
  parseBertConfig,
  textClassification,
  trainingProgram,
} from "../../node.ts";
import { uniform } from "../../util/random.ts";

/** Fields of `config.json`; the rest is `BertConfig`'s default: 30,522 words, dropout 0.1. */
export const SIZES = {
  minilm: { hidden_size: 384, num_hidden_layers: 6, num_attention_heads: 12, intermediate_size: 1536 },
  base: { hidden_size: 768, num_hidden_layers: 12, num_attention_heads: 12, intermediate_size: 3072 },
} as const;

export const BENCH_TASK = textClassification({
  problemType: "single_label_classification",
  labels: ["no", "yes"],
});

const SEED = 1;
const OPTIMIZER = {
  weightDecay: 0.01,
  maxGradNorm: 1,
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  adamEpsilon: 1e-8,
  adamBiasCorrection: true,
};
const LEARNING_RATE = 1e-5;

export function benchConfig(size: Readonly<Record<string, number>>): BertConfig {
  return parseBertConfig({ model_type: "bert", ...size }, "bench");
}

/** Weights, gradients and moments in memory, for steps on batches that are no larger than `largest`. */
export interface OurModel {
  readonly config: BertConfig;
  readonly store: ParameterStore;
}

export async function createOurModel(
  config: BertConfig,
  largest: readonly Sizes[],
  runtime: LoadedRuntime,
  threads = availableParallelism(),
): Promise<OurModel> {
  const programs = largest.map((sizes) => [stepProgram(config, sizes, runtime), sizes] as const);
  const batchBytes = Math.max(...programs.map(([program, sizes]) => TrainingStep.bytes(program, sizes)));
  const store = await ParameterStore.create(programs[0][0].parameters, {
    training: true,
    rounded: new Set(programs[0][0].rounded.values()),
    batchBytes,
    threads: runtime.takesSharedMemory ? threads : 1,
  });
  for (const parameter of store.parameters) {
    initialize(parameter, SEED, config.initializer_range);
    // As late in a run, when all rows of the word table have had a gradient: AdamW spares those that had none.
    parameter.marks.fill(1);
  }
  store.round();
  return { config, store };
}

/** As `fineTune` builds it for batches up to these sizes and a runtime. */
export function stepProgram(config: BertConfig, largest: Sizes, runtime: LoadedRuntime): Program {
  const recompute = chooseRecompute(config, largest);
  const lowering = trainingLowering(runtime, config, largest);
  return trainingProgram(BENCH_TASK, config, { recompute, lowering });
}

export interface OurStep {
  readonly program: Program;
  /** Milliseconds of a step on each of these batches, which give the tokens of each row. */
  measure(batches: readonly (readonly number[])[]): Promise<number[]>;
  dispose(): void;
}

export interface StepSettings {
  runtime: LoadedRuntime;
  /** Sizes that no batch exceeds. */
  largest: Sizes;
  threads?: number;
}

export async function createOurStep(
  { config, store }: OurModel,
  { runtime, largest, threads }: StepSettings,
): Promise<OurStep> {
  const program = stepProgram(config, largest, runtime);
  const shared = { runtime, program, task: BENCH_TASK, store, threads };
  const step = await TrainingStep.create({ ...shared, seed: SEED, accumulation: 1 });
  let done = 0;
  const measureOne = async (lengths: readonly number[]) => {
    const features = randomFeatures(lengths, config.vocab_size, done);
    const start = performance.now();
    await step.run(
      features,
      [lengths.map((_, row) => row)],
      { step: done++, learningRate: LEARNING_RATE },
      OPTIMIZER,
    );
    return performance.now() - start;
  };
  return {
    program,
    measure: async (batches) => {
      const ms: number[] = [];
      for (const lengths of batches) ms.push(await measureOne(lengths));
      return ms;
    },
    dispose: () => step.dispose(),
  };
}

function randomFeatures(lengths: readonly number[], vocabSize: number, batch: number): Features {
  const features = new Features(vocabSize);
  lengths.forEach((length, row) => {
    const id = (_: unknown, i: number) => Math.floor(uniform(SEED, batch, row, i) * vocabSize);
    features.add(Uint32Array.from({ length }, id), length);
  });
  features.setLabels({ width: 1, values: Float32Array.from(lengths, (_, row) => row % 2) });
  return features;
}
