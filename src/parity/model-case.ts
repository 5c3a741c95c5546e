/**
 * One recorded case of PyTorch and transformers (test/fixtures/make_bert.py) against our step graph: forward, loss and
 * gradients, or a trajectory of optimizer steps.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Runtime } from "../engine/runtime/session.ts";
import { openCheckpoint, openSafetensors } from "../files/checkpoint.ts";
import { readJson, TEXT_LIMITS } from "../files/model-folder.ts";
import { type BertConfig, parseBertConfig } from "../model/config.ts";
import type { Task } from "../tasks/task.ts";
import { type ProblemType, textClassification } from "../tasks/text-classification.ts";
import { batchSizes } from "../training/batch.ts";
import type { Features } from "../training/features.ts";
import { loadWeights, planWeights } from "../training/load-weights.ts";
import { ParameterStore } from "../training/parameter-store.ts";
import { trainingProgram } from "../training/program.ts";
import { linearSchedule } from "../training/schedule.ts";
import { TrainingStep } from "../training/training-step.ts";
import { largestDifference, relative, worstTensor } from "./compare.ts";
import { type RecordedBatch, type RecordedSteps, readRecorded, recordedFeatures } from "./recorded.ts";

/** Each far above float32 rounding and far below what a missing or wrong term makes. */
const LIMITS = { loss: 1e-5, logits: 1e-4, gradients: 1e-3, trajectory: 1e-4, parameters: 1e-3 } as const;

export interface CaseResult {
  /** The figures, for one line. */
  readonly line: string;
  readonly passed: boolean;
}

interface Case {
  readonly folder: string;
  readonly task: Task;
  readonly config: BertConfig;
  readonly runtime: Runtime;
}

/** Checks the case in `folder`; undefined where no task of ours has its head. */
export async function checkModelCase(folder: string, runtime: Runtime): Promise<CaseResult | undefined> {
  const json = await readJson(folder, "config.json", TEXT_LIMITS.config);
  const task = taskOf(json);
  if (!task) return undefined;
  const config = parseBertConfig(json, join(folder, "config.json"));
  const given = { folder, task, config, runtime };
  return existsSync(join(folder, "steps.json")) ? checkTrajectory(given) : checkGradients(given);
}

function taskOf(config: Record<string, unknown>): Task | undefined {
  const [architecture] = (config.architectures as string[] | undefined) ?? [];
  if (architecture !== "BertForSequenceClassification") return undefined;
  const labels = Object.values((config.id2label ?? {}) as Record<string, string>);
  const standard = labels.length === 1 ? "regression" : "single_label_classification";
  return textClassification({ problemType: (config.problem_type ?? standard) as ProblemType, labels });
}

async function checkGradients(given: Case): Promise<CaseResult> {
  const batch = await readRecorded<RecordedBatch>(given.folder, "inputs.json");
  const expected = await readRecorded<{ loss: number; logits: number[][] }>(given.folder, "expected.json");
  const features = recordedFeatures([batch], given.task, given.config);
  const rows = batch.input_ids.map((_, b) => b);
  return withStep(given, features, [rows], 1, async (step, store) => {
    const { loss, logits } = await step.gradients(features, [rows], 0);
    const lossError = relative(loss, expected.loss);
    const logitsError = largestDifference(logits[0], expected.logits.flat());
    const recorded = await openSafetensors(join(given.folder, "gradients.safetensors"));
    // The key bias's gradient is zero but for rounding: the floor keeps it from being judged by itself.
    const worst = await worstTensor(recorded, store.parameters, ({ gradient }) => gradient, 1e-4);
    await recorded.close();
    return {
      passed: lossError <= LIMITS.loss && logitsError <= LIMITS.logits && worst.error <= LIMITS.gradients,
      line: `loss ${figure(lossError)}, logits ${figure(logitsError)}, gradients ${figure(worst.error)} (${worst.name})`,
    };
  });
}

async function checkTrajectory(given: Case): Promise<CaseResult> {
  const batches = await readRecorded<RecordedBatch[][]>(given.folder, "inputs.json");
  const { optimizer, steps } = await readRecorded<RecordedSteps>(given.folder, "steps.json");
  const features = recordedFeatures(batches.flat(), given.task, given.config);
  const microBatches = numberRows(batches);
  return withStep(given, features, microBatches.flat(), optimizer.accumulation, async (step, store) => {
    let [lossError, normError] = [0, 0];
    for (const [i, recorded] of steps.entries()) {
      const rate = optimizer.learning_rate * linearSchedule(i, optimizer.warmup_steps, optimizer.total_steps);
      const result = await step.run(features, microBatches[i], i, rate, {
        weightDecay: optimizer.weight_decay,
        maxGradNorm: optimizer.max_grad_norm,
        adamBeta1: optimizer.betas[0],
        adamBeta2: optimizer.betas[1],
        adamEpsilon: optimizer.eps,
      });
      lossError = Math.max(lossError, relative(result.loss, recorded.loss));
      normError = Math.max(normError, relative(result.gradientNorm, recorded.grad_norm));
    }
    const after = await openSafetensors(join(given.folder, "after.safetensors"));
    // Rounding alone moves the key biases: Adam makes whole steps of a gradient that is zero but for rounding.
    const isKeyBias = (name: string) => name.endsWith("attention.self.key.bias");
    const worst = await worstTensor(after, store.parameters, ({ weight }) => weight, 0, isKeyBias);
    await after.close();
    return {
      passed: Math.max(lossError, normError) <= LIMITS.trajectory && worst.error <= LIMITS.parameters,
      line: `${steps.length} steps, loss ${figure(lossError)}, gradient norm ${figure(normError)}, parameters ${figure(worst.error)} (${worst.name})`,
    };
  });
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
  const program = trainingProgram(task, config);
  const sizes = batches.map((rows) => batchSizes(features, rows));
  const largest = {
    B: Math.max(...sizes.map(({ B }) => B)),
    S: Math.max(...sizes.map(({ S }) => S)),
    T: Math.max(...sizes.map(({ T }) => T)),
  };
  const store = await ParameterStore.create(program.parameters, {
    training: true,
    accumulates: accumulation > 1,
    batchBytes: TrainingStep.bytes(program, largest),
  });
  const checkpoint = await openCheckpoint(folder);
  const plan = planWeights(checkpoint, program.parameters, folder, { complete: true });
  await loadWeights(checkpoint, plan, store, { seed: 0, initializerRange: config.initializer_range });
  await checkpoint.close();
  const step = await TrainingStep.create({ runtime, program, task, config, store, seed: 0, accumulation });
  try {
    return await use(step, store);
  } finally {
    step.dispose();
  }
}

function figure(error: number): string {
  return error.toExponential(1);
}
