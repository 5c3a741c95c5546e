/**
 * One recorded case of PyTorch and transformers (test/fixtures/make_bert.py) against our step graph: forward, loss and
 * gradients, or a trajectory of optimizer steps.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { loweringOf } from "../engine/onnx/lowering.ts";
import type { Runtime } from "../engine/runtime/session.ts";
import { type Checkpoint, openCheckpoint, openSafetensors } from "../files/checkpoint.ts";
import { readJson, TEXT_LIMITS } from "../files/model-folder.ts";
import { type BertConfig, parseBertConfig } from "../model/config.ts";
import type { Features } from "../tasks/features.ts";
import { questionAnswering } from "../tasks/question-answering/task.ts";
import type { Task } from "../tasks/task.ts";
import { labelsOfConfig, type ProblemType, textClassification } from "../tasks/text-classification.ts";
import { tokenClassification } from "../tasks/token-classification/task.ts";
import { batchSizes } from "../training/batch.ts";
import { loadWeights, planWeights } from "../training/load-weights.ts";
import { ParameterStore } from "../training/parameter-store.ts";
import { trainingProgram } from "../training/program.ts";
import { createSchedule } from "../training/schedule.ts";
import { TrainingStep } from "../training/training-step.ts";
import { InputError } from "../util/errors.ts";
import { largestDifference, relative, worstTensor } from "./compare.ts";
import { type RecordedBatch, readBatches, readExpected, readSteps, recordedFeatures } from "./recorded.ts";

/** Each far above float32 rounding and far below what a missing or wrong term makes. */
const LIMITS = { loss: 1e-5, logits: 1e-4, gradients: 1e-3, trajectory: 1e-4, parameters: 1e-3 } as const;

const PROBLEM_TYPES: readonly ProblemType[] = [
  "single_label_classification",
  "multi_label_classification",
  "regression",
];

export interface CaseResult {
  /** The figures, for one line. */
  readonly line: string;
  readonly passed: boolean;
}

const WORD_EMBEDDINGS = "bert.embeddings.word_embeddings.weight";

interface Case {
  readonly folder: string;
  readonly task: Task;
  readonly config: BertConfig;
  readonly runtime: Runtime;
}

/**
 * Checks the case in `folder`; undefined where no task of ours has its head. Throws `InputError` where its files are
 * damaged.
 */
export async function checkModelCase(folder: string, runtime: Runtime): Promise<CaseResult | undefined> {
  const json = await readJson(folder, "config.json", TEXT_LIMITS.config);
  const file = join(folder, "config.json");
  const task = taskOf(json, file);
  if (!task) return undefined;
  // Recorded without dropout, whatever the configuration says of it.
  const none = { hidden_dropout_prob: 0, attention_probs_dropout_prob: 0, classifier_dropout: 0 };
  const config = { ...parseBertConfig(json, file), ...none };
  const given = { folder, task, config, runtime };
  return existsSync(join(folder, "steps.json")) ? checkTrajectory(given) : checkGradients(given);
}

function taskOf(config: Record<string, unknown>, file: string): Task | undefined {
  const architecture = Array.isArray(config.architectures) ? config.architectures[0] : undefined;
  if (typeof architecture !== "string") throw new InputError(`${file}: architectures names no model class.`);
  const labels = labelsOfConfig(config);
  if (architecture === "BertForTokenClassification") return tokenClassification({ labels, scheme: "none" });
  if (architecture === "BertForQuestionAnswering") return questionAnswering({ answerSoftmax: "all" });
  if (architecture !== "BertForSequenceClassification") return undefined;
  const standard = labels.length === 1 ? "regression" : "single_label_classification";
  const problemType = config.problem_type ?? standard;
  if (!PROBLEM_TYPES.includes(problemType as ProblemType)) {
    throw new InputError(`${file}: problem_type ${JSON.stringify(problemType)} is not known.`);
  }
  return textClassification({ problemType: problemType as ProblemType, labels });
}

async function checkGradients(given: Case): Promise<CaseResult> {
  const { folder, task, config } = given;
  const [[batch]] = await readBatches(folder, task, config, { trajectory: false });
  const features = recordedFeatures([batch], task, config);
  const expected = await readExpected(folder, features);
  const rows = batch.input_ids.map((_, b) => b);
  return withStep(given, features, [rows], 1, async (step, store) => {
    const { loss, logits } = await step.gradients(features, [rows], 0);
    // transformers' word embedding has a padding_idx, [PAD]: torch keeps that row's gradient at zero.
    store.get(WORD_EMBEDDINGS).gradient.fill(0, 0, config.hidden_size);
    // The key bias's gradient is zero but for rounding: the floor keeps it from being judged by itself.
    const worst = await withTensors(folder, "gradients.safetensors", (recorded) =>
      worstTensor(recorded, store.parameters, ({ gradient }) => gradient, 1e-4),
    );
    return caseResult([
      { what: "loss", error: relative(loss, expected.loss), limit: LIMITS.loss },
      { what: "logits", error: largestDifference(logits[0], expected.logits), limit: LIMITS.logits },
      { what: "gradients", ...worst, limit: LIMITS.gradients },
    ]);
  });
}

async function checkTrajectory(given: Case): Promise<CaseResult> {
  const { folder, task, config } = given;
  const batches = await readBatches(folder, task, config, { trajectory: true });
  const { optimizer, steps } = await readSteps(folder);
  if (batches.length !== steps.length) {
    throw new InputError(
      `${folder}: inputs.json has ${batches.length} steps, steps.json has ${steps.length}.`,
    );
  }
  const features = recordedFeatures(batches.flat(), task, config);
  const microBatches = numberRows(batches);
  return withStep(given, features, microBatches.flat(), optimizer.accumulation, async (step, store) => {
    let [lossError, normError] = [0, 0];
    const { learning_rate: learningRate, warmup_steps: warmupSteps, total_steps: totalSteps } = optimizer;
    const schedule = createSchedule("linear", { warmupSteps, totalSteps, learningRate });
    for (const [i, recorded] of steps.entries()) {
      const rate = learningRate * schedule(i);
      const result = await step.run(
        features,
        microBatches[i],
        { step: i, learningRate: rate },
        {
          weightDecay: optimizer.weight_decay,
          maxGradNorm: optimizer.max_grad_norm,
          adamBeta1: optimizer.betas[0],
          adamBeta2: optimizer.betas[1],
          adamEpsilon: optimizer.eps,
          adamBiasCorrection: true,
        },
      );
      lossError = Math.max(lossError, relative(result.loss, recorded.loss));
      normError = Math.max(normError, relative(result.gradientNorm, recorded.grad_norm));
    }
    // Rounding alone moves the key biases: Adam makes whole steps of a gradient that is zero but for rounding.
    const isKeyBias = (name: string) => name.endsWith("attention.self.key.bias");
    const worst = await withTensors(folder, "after.safetensors", (after) =>
      worstTensor(after, store.parameters, ({ weight }) => weight, 0, isKeyBias),
    );
    return caseResult([
      { what: `${steps.length} steps: loss`, error: lossError, limit: LIMITS.trajectory },
      { what: "gradient norm", error: normError, limit: LIMITS.trajectory },
      { what: "parameters", ...worst, limit: LIMITS.parameters },
    ]);
  });
}

interface Figure {
  what: string;
  error: number;
  limit: number;
  /** The tensor that it is of. */
  name?: string;
}

/** NaN is over every limit. */
function caseResult(figures: readonly Figure[]): CaseResult {
  const parts = figures.map(({ what, error, limit, name }) => {
    const notes = [name, ...(error <= limit ? [] : [`limit ${limit.toExponential(0)}`])].filter(Boolean);
    return `${what} ${error.toExponential(1)}${notes.length > 0 ? ` (${notes.join(", ")})` : ""}`;
  });
  return { passed: figures.every(({ error, limit }) => error <= limit), line: parts.join(", ") };
}

async function withTensors<T>(
  folder: string,
  name: string,
  use: (tensors: Checkpoint) => Promise<T>,
): Promise<T> {
  const tensors = await openSafetensors(join(folder, name));
  try {
    return await use(tensors);
  } finally {
    await tensors.close();
  }
}

/** Row numbers of each step's micro-batches, the rows of all batches being counted through. */
function numberRows(batches: readonly RecordedBatch[][]): number[][][] {
  let next = 0;
  return batches.map((micro) => micro.map(({ input_ids }) => input_ids.map(() => next++)));
}

async function withStep(
  { folder, task, config, runtime }: Case,
  features: Features,
  batches: readonly number[][],
  accumulation: number,
  use: (step: TrainingStep, store: ParameterStore) => Promise<CaseResult>,
): Promise<CaseResult> {
  const program = trainingProgram(task, config, { lowering: loweringOf(runtime) });
  const sizes = batches.map((rows) => batchSizes(features, rows));
  const largest = {
    B: Math.max(...sizes.map(({ B }) => B)),
    S: Math.max(...sizes.map(({ S }) => S)),
    T: Math.max(...sizes.map(({ T }) => T)),
    G: Math.max(...sizes.map(({ G }) => G)),
  };
  const store = await ParameterStore.create(program.parameters, {
    training: true,
    rounded: new Set(program.rounded.values()),
    accumulates: accumulation > 1,
    batchBytes: TrainingStep.bytes(program, largest),
  });
  const checkpoint = await openCheckpoint(folder);
  try {
    const plan = planWeights(checkpoint, program.parameters, folder, { complete: true });
    await loadWeights(checkpoint, plan, store, { seed: 0, initializerRange: config.initializer_range });
  } finally {
    await checkpoint.close();
  }
  const step = await TrainingStep.create({ runtime, program, task, store, seed: 0, accumulation });
  try {
    return await use(step, store);
  } finally {
    step.dispose();
  }
}
