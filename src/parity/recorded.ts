/**
 * What test/fixtures/make_bert.py wrote, read, checked and turned into our features. The kernels trust ids and lengths,
 * so a damaged file must be found here.
 */
import { join } from "node:path";
import { readText, TEXT_LIMITS } from "../files/model-folder.ts";
import type { BertConfig } from "../model/config.ts";
import { Features } from "../tasks/features.ts";
import type { Task } from "../tasks/task.ts";
import { InputError } from "../util/errors.ts";

/** What PyTorch was fed, as nested lists. */
export interface RecordedBatch {
  input_ids: number[][];
  /** Ones, then zeros. */
  attention_mask: number[][];
  /** Zeros, then ones. */
  token_type_ids: number[][];
  /** Class numbers or values, one list a row; tags a token with -100 for none; start and end of an answer. */
  labels: number[][];
}

export interface RecordedOptimizer {
  learning_rate: number;
  betas: [number, number];
  eps: number;
  weight_decay: number;
  max_grad_norm: number;
  warmup_steps: number;
  total_steps: number;
  accumulation: number;
}

export interface RecordedSteps {
  optimizer: RecordedOptimizer;
  steps: { loss: number; grad_norm: number }[];
}

type Json = Record<string, unknown>;

/** `expected.json`: the loss, and the logits row by row in one list, without those of tokens that we do not have. */
export async function readExpected(
  folder: string,
  features: Features,
): Promise<{ loss: number; logits: number[] }> {
  const file = join(folder, "expected.json");
  const json = object(await readRecorded(folder, "expected.json"), file);
  const logits = rowsOfLogits(json).flatMap((row, b) =>
    // One list a token: those after the row's own are of its padding.
    Array.isArray(row) && Array.isArray(row[0]) ? row.slice(0, features.length(b)).flat() : row,
  );
  if (logits.length === 0 || !logits.every((value) => typeof value === "number")) {
    throw new InputError(`${file}: logits are not lists of numbers.`);
  }
  return { loss: number(json, "loss", file), logits };
}

/** One entry a row of the batch; of an answer's start and end, `[S][2]`. */
function rowsOfLogits({ logits, start_logits: starts, end_logits: ends }: Json): unknown[] {
  if (Array.isArray(logits)) return logits;
  if (!Array.isArray(starts) || !Array.isArray(ends)) return [];
  return starts.map((row: unknown[], b) => row.map((start, s) => [start, ends[b]?.[s]]));
}

/** `steps.json`: the optimizer and what each of its steps measured. Only AdamW with the linear schedule is known. */
export async function readSteps(folder: string): Promise<RecordedSteps> {
  const file = join(folder, "steps.json");
  const json = object(await readRecorded(folder, "steps.json"), file);
  const given = object(json.optimizer, file);
  const { name = "adamw", schedule = "linear", betas } = given;
  if (name !== "adamw" || schedule !== "linear") {
    throw new InputError(`${file}: optimizer ${name} with schedule ${schedule}; adamw with linear is known.`);
  }
  const value = (field: string) => number(given, field, file);
  if (!Array.isArray(betas) || betas.length !== 2 || betas.some((beta) => typeof beta !== "number")) {
    throw new InputError(`${file}: betas are not two numbers.`);
  }
  const steps = list(json.steps, file).map((step) => {
    const fields = object(step, file);
    return { loss: number(fields, "loss", file), grad_norm: number(fields, "grad_norm", file) };
  });
  const optimizer: RecordedOptimizer = {
    learning_rate: value("learning_rate"),
    betas: [betas[0], betas[1]],
    eps: value("eps"),
    weight_decay: value("weight_decay"),
    max_grad_norm: value("max_grad_norm"),
    warmup_steps: value("warmup_steps"),
    total_steps: value("total_steps"),
    accumulation: value("accumulation"),
  };
  return { optimizer, steps };
}

/** `inputs.json` of a case of one batch, or (`trajectory`) the micro-batches of each step. */
export async function readBatches(
  folder: string,
  task: Task,
  config: BertConfig,
  { trajectory }: { trajectory: boolean },
): Promise<RecordedBatch[][]> {
  const file = join(folder, "inputs.json");
  const json = await readRecorded(folder, "inputs.json");
  const steps = trajectory ? list(json, file).map((micro) => list(micro, file)) : [[json]];
  return steps.map((micro) => micro.map((batch) => checkBatch(object(batch, file), task, config, file)));
}

/** The batches' rows, in order, without their padding but where the recorded loss counts it. */
export function recordedFeatures(
  batches: readonly RecordedBatch[],
  task: Task,
  config: BertConfig,
): Features {
  // transformers' softmax over positions goes over those of the padding as well.
  const padded = task.tag === "question-answering";
  const features = padded ? new PaddedFeatures(config.vocab_size) : new Features(config.vocab_size);
  const labels: number[] = [];
  for (const batch of batches) {
    batch.input_ids.forEach((ids, b) => {
      const length = count(batch.attention_mask[b], 1);
      const kept = padded ? ids.length : length;
      features.add(ids.slice(0, kept), length - count(batch.token_type_ids[b].slice(0, length), 1));
      if (features instanceof PaddedFeatures) features.lengths.push(length);
      const row = task.labelWidth === "tokens" ? batch.labels[b].slice(0, kept) : batch.labels[b];
      labels.push(...row.map((label) => (label === IGNORED ? -1 : label)));
    });
  }
  features.setLabels({ width: task.labelWidth, values: Float32Array.from(labels) });
  return features;
}

/** torch's label of what has none. */
const IGNORED = -100;

/** Rows with their padding: tokens of segment 0 that nothing attends to. */
class PaddedFeatures extends Features {
  /** Tokens of each row without its padding. */
  readonly lengths: number[] = [];

  override attended(row: number): number {
    return this.lengths[row];
  }

  override tokenType(row: number, position: number): number {
    return position < this.attended(row) ? super.tokenType(row, position) : 0;
  }
}

function checkBatch(json: Json, task: Task, config: BertConfig, file: string): RecordedBatch {
  const { vocab_size, type_vocab_size, max_position_embeddings } = config;
  const input_ids = grid(json, "input_ids", vocab_size, file);
  const attention_mask = grid(json, "attention_mask", 2, file);
  const token_type_ids = grid(json, "token_type_ids", Math.min(2, type_vocab_size), file);
  const shapes = [input_ids, attention_mask, token_type_ids].map((rows) => String(rows.map((r) => r.length)));
  if (new Set(shapes).size !== 1) throw new InputError(`${file}: the lists of a batch differ in length.`);
  attention_mask.forEach((mask, b) => {
    const length = count(mask, 1);
    const types = token_type_ids[b].slice(0, length);
    if (length === 0 || length > max_position_embeddings)
      throw new InputError(
        `${file}: a row of ${length} tokens; 1 to ${max_position_embeddings} are possible.`,
      );
    if (mask.indexOf(0) !== -1 && mask.indexOf(0) !== length)
      throw new InputError(`${file}: a mask is not ones and then zeros.`);
    if (types.includes(1) && types.indexOf(1) !== count(types, 0))
      throw new InputError(`${file}: token types are not zeros and then ones.`);
  });
  const labels = labelsOf(json, input_ids, task, file);
  return { input_ids, attention_mask, token_type_ids, labels };
}

/** One list a row, checked: what a task would read outside of its row must be found here. */
function labelsOf(json: Json, ids: readonly number[][], task: Task, file: string): number[][] {
  const { start_positions: starts, end_positions: ends, labels } = json;
  const answers =
    Array.isArray(starts) && Array.isArray(ends) ? starts.map((start, b) => [start, ends[b]]) : [];
  const given = task.tag === "question-answering" ? answers : Array.isArray(labels) ? labels : [];
  const rows: unknown[][] = given.map((row) => (Array.isArray(row) ? row : [row]));
  const width = (b: number) => (task.labelWidth === "tokens" ? ids[b].length : task.labelWidth);
  if (rows.length !== ids.length || rows.some((row, b) => row.length !== width(b))) {
    const what = task.labelWidth === "tokens" ? "one number a token" : `${task.labelWidth} numbers a row`;
    throw new InputError(`${file}: labels are not ${what}.`);
  }
  const below = task.tag === "question-answering" ? ids[0].length : Number(task.logitsDims.at(-1));
  const counts = task.labelWidth === "tokens" || task.tag === "question-answering";
  const valid = (x: unknown) =>
    counts
      ? Number.isInteger(x) && (x === IGNORED || (Number(x) >= 0 && Number(x) < below))
      : typeof x === "number";
  if (!rows.flat().every(valid)) {
    throw new InputError(`${file}: labels are not ${counts ? `whole numbers below ${below}` : "numbers"}.`);
  }
  return rows as number[][];
}

/** Rows of whole numbers from 0 to below `below`. */
function grid(json: Json, name: string, below: number, file: string): number[][] {
  const rows = json[name];
  const isRow = (row: unknown) =>
    Array.isArray(row) && row.every((x) => Number.isInteger(x) && x >= 0 && x < below);
  if (!Array.isArray(rows) || rows.length === 0 || !rows.every(isRow)) {
    throw new InputError(`${file}: ${name} are not lists of whole numbers from 0 to ${below - 1}.`);
  }
  return rows;
}

async function readRecorded(folder: string, name: string): Promise<unknown> {
  const text = await readText(folder, name, TEXT_LIMITS.tokenizer);
  try {
    return JSON.parse(text);
  } catch {
    throw new InputError(`${join(folder, name)}: not JSON.`);
  }
}

function object(json: unknown, file: string): Json {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as Json;
  throw new InputError(`${file}: a list or a value stands where an object is expected.`);
}

function list(json: unknown, file: string): unknown[] {
  if (Array.isArray(json) && json.length > 0) return json;
  throw new InputError(`${file}: no list, or an empty one, where steps are expected.`);
}

function number(json: Json, name: string, file: string): number {
  const value = json[name];
  if (typeof value === "number") return value;
  throw new InputError(`${file}: ${name} is ${JSON.stringify(value)}, expected a number.`);
}

function count(values: readonly number[], value: number): number {
  return values.reduce((sum, other) => sum + (other === value ? 1 : 0), 0);
}
