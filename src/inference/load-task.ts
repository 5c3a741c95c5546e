/** A fine-tuned model folder as a task, ready to score rows. */
import { loweringOf } from "../engine/onnx/lowering.ts";
import type { LoadedRuntime } from "../engine/runtime/runtimes.ts";
import { resolveModel } from "../files/hub/resolve.ts";
import { openRuntime } from "../runtimes/open-runtime.ts";
import type { Task } from "../tasks/task.ts";
import type { Tokenizer } from "../text/tokenizer/tokenizer.ts";
import type { Application, TaskOverrides } from "../training/applications/application.ts";
import { APPLICATIONS, tagOfConfig } from "../training/applications/index.ts";
import { checkTaskOptions } from "../training/check-options.ts";
import { loadWeights, planWeights } from "../training/load-weights.ts";
import { checkMemory } from "../training/memory.ts";
import { type ModelFiles, openModelFiles } from "../training/model-files.ts";
import type { TaskTag } from "../training/options.ts";
import { ParameterStore } from "../training/parameter-store.ts";
import { evaluationProgram } from "../training/program.ts";
import { Scorer } from "../training/scorer.ts";
import { type WindowSettings, windowSettings } from "../training/window-settings.ts";
import { InputError } from "../util/errors.ts";
import { checkPredictionOptions } from "./check-options.ts";
import type { PredictorOptions } from "./options.ts";

export interface LoadedTask {
  readonly application: Application;
  readonly task: Task;
  readonly tokenizer: Tokenizer;
  readonly scorer: Scorer;
  readonly windows: WindowSettings;
  /** Most rows of a batch, where the caller set it. */
  readonly batchSize?: number;
}

/** Loads folder or name. Throws `InputError` where it is no fine-tuned model, or one for another task than asked for. */
export async function loadTask(
  model: string,
  options: PredictorOptions & Partial<WindowSettings> & { task?: TaskTag },
  overrides: TaskOverrides = {},
): Promise<LoadedTask> {
  checkPredictionOptions({ ...options, ...overrides });
  const runtime = await openRuntime(options);
  for (const warning of runtime.warnings) options.onWarning?.(warning);
  const { folder } = await resolveModel(model, { signal: options.signal });
  const files = await openModelFiles(folder);
  try {
    const tag = tagOfConfig(folder, files.json);
    if (options.task !== undefined && options.task !== tag) {
      throw new InputError(`${folder}: this model is for ${tag}, not for ${options.task}.`);
    }
    checkTaskOptions(tag, { ...options, ...overrides });
    const application = APPLICATIONS[tag];
    const task = application.fromConfig(folder, files.json, overrides);
    const own = (files.json.bertwright ?? {}) as Record<string, unknown>;
    const asked = windowSettings(own, options, application.standards.maxSeqLength);
    const maxSeqLength = Math.min(asked.maxSeqLength, files.config.max_position_embeddings);
    const windows = { ...asked, maxSeqLength };
    const scorer = await makeScorer(files, task, runtime, { ...options, maxSeqLength });
    const { batchSize } = options;
    return { application, task, tokenizer: files.tokenizer, scorer, windows, batchSize };
  } finally {
    await files.checkpoint.close();
  }
}

async function makeScorer(
  files: ModelFiles,
  task: Task,
  runtime: LoadedRuntime,
  options: PredictorOptions & { maxSeqLength: number },
): Promise<Scorer> {
  const { config, checkpoint, folder } = files;
  const program = evaluationProgram(task, config, { lowering: loweringOf(runtime) });
  const plan = planWeights(checkpoint, program.parameters, folder, { complete: true });
  const storeOptions = {
    training: false,
    rounded: new Set(program.rounded.values()),
    batchBytes: Scorer.bytes(program, options.maxSeqLength),
  };
  const bytes = ParameterStore.bytes(program.parameters, storeOptions);
  checkMemory(bytes, `the model in ${folder}`, "Take a smaller model.");
  const store = await ParameterStore.create(program.parameters, storeOptions);
  await loadWeights(checkpoint, plan, store, { seed: 0, initializerRange: config.initializer_range });
  return Scorer.create({ runtime, program, store, threads: options.threads });
}
