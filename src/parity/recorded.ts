/** What test/fixtures/make_bert.py wrote, read and turned into our features. */
import { join } from "node:path";
import { readText, TEXT_LIMITS } from "../files/model-folder.ts";
import type { BertConfig } from "../model/config.ts";
import type { Task } from "../tasks/task.ts";
import { Features } from "../training/features.ts";
import { InputError } from "../util/errors.ts";

/** What PyTorch was fed, as nested lists. */
export interface RecordedBatch {
  input_ids: number[][];
  attention_mask: number[][];
  token_type_ids: number[][];
  /** Class numbers or values `[B]`, or 0 and 1 `[B, C]`. */
  labels: number[] | number[][];
}

export interface RecordedSteps {
  optimizer: {
    learning_rate: number;
    betas: [number, number];
    eps: number;
    weight_decay: number;
    max_grad_norm: number;
    warmup_steps: number;
    total_steps: number;
    accumulation: number;
  };
  steps: { loss: number; grad_norm: number; learning_rate: number }[];
}

/** A JSON file of a case, whatever its top level is. */
export async function readRecorded<T>(folder: string, name: string): Promise<T> {
  const text = await readText(folder, name, TEXT_LIMITS.tokenizer);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new InputError(`${join(folder, name)}: not JSON.`);
  }
}

/** The batches' rows, in order, without their padding. */
export function recordedFeatures(
  batches: readonly RecordedBatch[],
  task: Task,
  config: BertConfig,
): Features {
  const features = new Features(config.vocab_size);
  const labels = batches.flatMap((batch) => batch.labels.flat());
  for (const batch of batches) {
    batch.input_ids.forEach((ids, b) => {
      const length = batch.attention_mask[b].reduce((sum, bit) => sum + bit, 0);
      const types = batch.token_type_ids[b].slice(0, length);
      const firstLength = types.includes(1) ? types.indexOf(1) : length;
      if (types.some((type, i) => type !== (i < firstLength ? 0 : 1))) {
        throw new InputError("a recorded row has token types that are not zeros and then ones.");
      }
      features.add(ids.slice(0, length), firstLength);
    });
  }
  features.setLabels({ width: task.labelWidth, values: Float32Array.from(labels) });
  return features;
}
