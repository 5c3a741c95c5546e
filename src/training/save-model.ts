/** A Hugging Face model folder of the trained weights, which transformers and we load as it is. */

import { type FileToWrite, writeFilesAtomic } from "../files/atomic.ts";
import { safetensorsFile } from "../files/checkpoint.ts";
import type { OutputOptions } from "../files/output-folder.ts";
import { WEIGHTS } from "../files/shards.ts";
import type { Task } from "../tasks/task.ts";
import type { Tokenizer } from "../text/tokenizer/tokenizer.ts";
import { CHECKPOINTS } from "./checkpoints/checkpoint-folder.ts";
import { type CardInput, modelCard } from "./model-card.ts";
import { checkState } from "./non-finite.ts";
import type { ParameterStore } from "./parameter-store.ts";
import { RUN_FILE } from "./run-file.ts";
import { prefixed } from "./run-folder/log-line.ts";
import { RUN_FILES } from "./run-folder/names.ts";
import { type WindowSettings, windowFields } from "./window-settings.ts";

/** Everything that a run writes, in order; config.json, which makes the folder a model, comes last. */
export const OUTPUT_FILES: readonly string[] = [
  RUN_FILE,
  CHECKPOINTS,
  ...RUN_FILES,
  WEIGHTS,
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "vocab.txt",
  "README.md",
  "all_results.json",
  "trainer_state.json",
  "config.json",
];

/** What a run needs of its folder; `bytes` is what it will write there. */
export function outputOptions(overwrite = false, bytes = 0): OutputOptions {
  // A run that did not come to its end has left no model, and may be begun anew.
  return { overwrite, bytes, files: OUTPUT_FILES, marks: [WEIGHTS, "config.json", RUN_FILE] };
}

export interface SaveInput extends Omit<CardInput, "folder"> {
  /** The start checkpoint's config.json. */
  json: Record<string, unknown>;
  task: Task;
  tokenizer: Tokenizer;
  store: ParameterStore;
  windows: WindowSettings;
  history: readonly Record<string, number>[];
  bestStep: number;
}

/**
 * Writes into the folder; what was there of ours stays whole until all of it is on the disk. Throws `NonFiniteError`
 * where a number of the model is not finite.
 */
export async function saveModel(folder: string, input: SaveInput): Promise<void> {
  const { store, tokenizer } = input;
  checkState(store, folder);
  const tensors = store.parameters.map(({ spec, weight }) => ({
    name: spec.name,
    shape: spec.dims,
    data: weight,
  }));
  const text = (name: string, value: unknown): FileToWrite => ({
    name,
    content: typeof value === "string" ? value : `${JSON.stringify(value, null, 2)}\n`,
  });
  const tokenizerFiles = Object.entries(tokenizer.files()).map(([name, content]) => text(name, content));
  await writeFilesAtomic(folder, [
    safetensorsFile(WEIGHTS, tensors),
    ...tokenizerFiles,
    text("README.md", modelCard({ ...input, folder })),
    text("all_results.json", results(input)),
    text("trainer_state.json", trainerState(input)),
    text("config.json", modelConfig(input)),
  ]);
}

/** The start checkpoint's configuration with this task's fields. */
function modelConfig({ json, task, windows, metrics }: SaveInput): Record<string, unknown> {
  const { id2label: _, label2id: __, num_labels: ___, problem_type: ____, ...kept } = json;
  const { bertwright, num_labels: _____, ...fields } = task.configFields(metrics);
  return {
    ...kept,
    architectures: [task.architecture],
    ...fields,
    bertwright: { ...(bertwright as object), ...windowFields(windows) },
  };
}

function results({ metrics, options }: SaveInput): Record<string, number | string> {
  const { epochs: epoch, loss: train_loss, runtime, precision } = options;
  return { ...prefixed(metrics), epoch, train_loss, runtime, precision };
}

/** `trainer_state.json` in the shape that transformers' Trainer writes. */
function trainerState({ history, metrics, bestStep, options }: SaveInput): Record<string, unknown> {
  return {
    best_global_step: bestStep,
    best_metric: metrics[options.metric] ?? null,
    epoch: options.epochs,
    global_step: options.totalSteps,
    max_steps: options.totalSteps,
    num_train_epochs: Math.ceil(options.epochs),
    train_batch_size: options.batchSize,
    log_history: history,
  };
}
