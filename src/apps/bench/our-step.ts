/** Our side of the bench: a whole training step on random weights and random tokens without padding. */
import {
  Features,
  initialize,
  largestSizes,
  loadRuntime,
  ParameterStore,
  TrainingStep,
} from "../../internals.ts";
import { parseBertConfig, textClassification, trainingProgram } from "../../node.ts";
import { uniform } from "../../util/random.ts";

/** Fields of `config.json`; the rest is `BertConfig`'s default: 30,522 words, dropout 0.1. */
export const SIZES = {
  minilm: { hidden_size: 384, num_hidden_layers: 6, num_attention_heads: 12, intermediate_size: 1536 },
  base: { hidden_size: 768, num_hidden_layers: 12, num_attention_heads: 12, intermediate_size: 3072 },
} as const;

export interface StepShape {
  /** Fields of `config.json`. */
  size: Readonly<Record<string, number>>;
  batch: number;
  length: number;
  threads?: number;
}

export interface OurStep {
  /** Milliseconds of each of `count` further steps. */
  measure(count: number): Promise<number[]>;
  dispose(): void;
}

const SEED = 1;
/** Different batches; after the last the first follows again. */
const BATCHES = 16;
const OPTIMIZER = {
  weightDecay: 0.01,
  maxGradNorm: 1,
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  adamEpsilon: 1e-8,
};

export async function createOurStep({ size, batch, length, threads }: StepShape): Promise<OurStep> {
  const config = parseBertConfig({ model_type: "bert", ...size }, "bench");
  const task = textClassification({ problemType: "single_label_classification", labels: ["no", "yes"] });
  const program = trainingProgram(task, config);
  const features = randomFeatures(BATCHES * batch, length, config.vocab_size);
  const batchBytes = TrainingStep.bytes(program, largestSizes(features, batch));
  const store = await ParameterStore.create(program.parameters, { training: true, batchBytes });
  for (const parameter of store.parameters) {
    initialize(parameter, SEED, config.initializer_range);
    // As late in a run, when all rows of the word table have had a gradient: AdamW spares those that had none.
    parameter.touched.fill(1);
  }
  const runtime = await loadRuntime("auto");
  const shared = { runtime, program, task, config, store, threads };
  const step = await TrainingStep.create({ ...shared, seed: SEED, accumulation: 1 });
  let done = 0;
  const measureOne = async () => {
    const first = (done % BATCHES) * batch;
    const rows = Uint32Array.from({ length: batch }, (_, i) => first + i);
    const start = performance.now();
    await step.run(features, [rows], done++, 1e-5, OPTIMIZER);
    return performance.now() - start;
  };
  return {
    measure: async (count) => {
      const ms: number[] = [];
      for (let i = 0; i < count; i++) ms.push(await measureOne());
      return ms;
    },
    dispose: () => step.dispose(),
  };
}

function randomFeatures(rows: number, length: number, vocabSize: number): Features {
  const features = new Features(vocabSize);
  for (let row = 0; row < rows; row++) {
    const ids = Uint32Array.from({ length }, (_, i) => Math.floor(uniform(SEED, row, i) * vocabSize));
    features.add(ids, length);
  }
  features.setLabels({ width: 1, values: Float32Array.from({ length: rows }, (_, row) => row % 2) });
  return features;
}
