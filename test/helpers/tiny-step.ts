/** A training step of a tiny BERT with random weights on rows of random ids. */
import type { Lowering } from "../../src/engine/onnx/lowering.ts";
import { loadRuntime } from "../../src/engine/runtime/runtimes.ts";
import type { Runtime } from "../../src/engine/runtime/session.ts";
import type { EncoderOptions } from "../../src/model/bert.ts";
import { parseBertConfig } from "../../src/model/config.ts";
import { Features } from "../../src/tasks/features.ts";
import { textClassification } from "../../src/tasks/text-classification.ts";
import { initialize, ParameterStore } from "../../src/training/parameter-store.ts";
import { trainingProgram } from "../../src/training/program.ts";
import { TrainingStep } from "../../src/training/training-step.ts";
import { hash32 } from "../../src/util/random.ts";

export const VOCAB_SIZE = 50;
export const CLASSES = 3;

export interface TinyStepOptions {
  dropout?: number;
  seed?: number;
  accumulation?: number;
  lowering?: Lowering;
  recompute?: EncoderOptions["recompute"];
  /** Names of the parameters that do not learn. */
  frozen?: ReadonlySet<string>;
  /** Default: `auto`. */
  runtime?: Runtime;
}

/** Every start has the same weights; `seed` is that of the dropout masks. */
export async function tinyStep(options: TinyStepOptions = {}) {
  const { dropout = 0, seed = 1, accumulation = 1, lowering, recompute, frozen } = options;
  const json = {
    model_type: "bert",
    vocab_size: VOCAB_SIZE,
    hidden_size: 16,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    intermediate_size: 24,
    max_position_embeddings: 16,
    hidden_dropout_prob: dropout,
    attention_probs_dropout_prob: dropout,
  };
  const config = parseBertConfig(json, "config.json");
  const labels = Array.from({ length: CLASSES }, (_, i) => `class ${i}`);
  const task = textClassification({ problemType: "single_label_classification", labels });
  const program = trainingProgram(task, config, { lowering, recompute, frozen });
  const store = await ParameterStore.create(program.parameters, {
    training: true,
    frozen,
    rounded: new Set(program.rounded.values()),
    accumulates: accumulation > 1,
    batchBytes: TrainingStep.bytes(program, { B: 8, S: 16, T: 128, G: 8 }),
  });
  for (const parameter of store.parameters) initialize(parameter, 3, 0.3);
  store.round();
  const runtime = options.runtime ?? (await loadRuntime("auto"));
  const step = await TrainingStep.create({
    runtime,
    program,
    task,
    store,
    seed,
    accumulation,
    threads: 1,
  });
  return { step, store };
}

/** A row a length; the second half of each row of even number is segment 1. Ids are 1 to 39. */
export function tinyRows(lengths: readonly number[]): Features {
  const features = new Features(VOCAB_SIZE);
  lengths.forEach((length, row) => {
    const ids = Array.from({ length }, (_, i) => 1 + (hash32(row, i) % 39));
    features.add(ids, row % 2 === 0 ? Math.ceil(length / 2) : length);
  });
  features.setLabels({ width: 1, values: Float32Array.from(lengths, (_, row) => row % CLASSES) });
  return features;
}
