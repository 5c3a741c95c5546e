/** A fine-tuned model folder as a task with its labels, ready to score rows. */
import { loadRuntime } from "../engine/runtime/runtimes.ts";
import { resolveModel } from "../files/hub/resolve.ts";
import {
  labelsOfConfig,
  type ProblemType,
  type TextClassification,
  textClassification,
} from "../tasks/text-classification.ts";
import type { Tokenizer } from "../text/tokenizer/tokenizer.ts";
import { loadWeights, planWeights } from "../training/load-weights.ts";
import { checkMemory } from "../training/memory.ts";
import { type ModelFiles, openModelFiles } from "../training/model-files.ts";
import { ParameterStore } from "../training/parameter-store.ts";
import { evaluationProgram } from "../training/program.ts";
import { EVALUATION_BATCH, Scorer } from "../training/scorer.ts";
import { InputError } from "../util/errors.ts";
import { checkPredictionOptions } from "./check-options.ts";
import type { PredictorOptions } from "./options.ts";

export interface LoadedTask {
  readonly task: TextClassification;
  readonly tokenizer: Tokenizer;
  readonly scorer: Scorer;
  readonly maxSeqLength: number;
  readonly batchSize: number;
}

/** Our own fields in config.json. */
interface OwnFields {
  head_layers?: number;
  positive?: number;
  threshold?: number;
  max_seq_length?: number;
}

const PROBLEM_TYPES: readonly ProblemType[] = [
  "single_label_classification",
  "multi_label_classification",
  "regression",
];

/** Loads folder or name. Throws `InputError` where it is no fine-tuned classifier. */
export async function loadTask(
  model: string,
  options: PredictorOptions,
  overrides: { positiveLabel?: string; threshold?: number } = {},
): Promise<LoadedTask> {
  checkPredictionOptions({ ...options, threshold: overrides.threshold });
  const { folder } = await resolveModel(model, { signal: options.signal });
  const files = await openModelFiles(folder);
  try {
    const task = taskOf(files, overrides);
    const own = (files.json.bertwright ?? {}) as OwnFields;
    const positions = files.config.max_position_embeddings;
    const maxSeqLength = Math.min(options.maxSeqLength ?? own.max_seq_length ?? 128, positions);
    const batchSize = options.batchSize ?? EVALUATION_BATCH;
    const scorer = await makeScorer(files, task, { ...options, maxSeqLength, batchSize });
    return { task, tokenizer: files.tokenizer, scorer, maxSeqLength, batchSize };
  } finally {
    await files.checkpoint.close();
  }
}

async function makeScorer(
  files: ModelFiles,
  task: TextClassification,
  options: PredictorOptions & { maxSeqLength: number; batchSize: number },
): Promise<Scorer> {
  const { config, checkpoint, folder } = files;
  const program = evaluationProgram(task, config);
  const plan = planWeights(checkpoint, program.parameters, folder, { complete: true });
  const { maxSeqLength: S, batchSize: B } = options;
  const storeOptions = { training: false, batchBytes: Scorer.bytes(program, { B, S, T: B * S }) };
  const bytes = ParameterStore.bytes(program.parameters, storeOptions);
  checkMemory(bytes, `the model in ${folder}`, "Take a smaller model or a smaller batch.");
  const store = await ParameterStore.create(program.parameters, storeOptions);
  await loadWeights(checkpoint, plan, store, { seed: 0, initializerRange: config.initializer_range });
  const runtime = await loadRuntime(options.runtime ?? "auto");
  return Scorer.create({ runtime, program, store, threads: options.threads });
}

function taskOf({ folder, json }: ModelFiles, overrides: { positiveLabel?: string; threshold?: number }) {
  const names = labelsOfConfig(json);
  if (names.length === 0) {
    throw new InputError(
      `${folder}: config.json has no labels (id2label).\nThis model was not fine-tuned for text classification; train one first.`,
    );
  }
  const standard = names.length === 1 ? "regression" : "single_label_classification";
  const problemType = PROBLEM_TYPES.find((type) => type === (json.problem_type ?? standard));
  if (!problemType) {
    throw new InputError(
      `${folder}: config.json has problem_type ${JSON.stringify(json.problem_type)}.\nExpected one of ${PROBLEM_TYPES.join(", ")}.`,
    );
  }
  const own = (json.bertwright ?? {}) as OwnFields;
  const positive =
    overrides.positiveLabel === undefined ? own.positive : names.indexOf(overrides.positiveLabel);
  if (positive === -1) {
    throw new InputError(
      `--positive-label ${overrides.positiveLabel}: the model's labels are ${names.slice(0, 10).join(", ")}.`,
    );
  }
  return textClassification({
    problemType,
    labels: problemType === "regression" ? [] : names,
    headLayers: own.head_layers ?? 0,
    positive: positive ?? 1,
    threshold: overrides.threshold ?? own.threshold ?? 0.5,
  });
}
