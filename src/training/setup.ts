/** From files to what a run needs: the model found and opened, the data read, in the order in which mistakes cost least. */
import { DEFAULT_MODEL } from "../files/hub/model-name.ts";
import { findModel, type ResolvedModel, resolveModel } from "../files/hub/resolve.ts";
import { InputHash } from "../files/input-hash.ts";
import { parseBertConfig } from "../model/config.ts";
import type { OverflowPolicy } from "../tasks/column.ts";
import type { Task } from "../tasks/task.ts";
import { textClassification } from "../tasks/text-classification.ts";
import { UsageError } from "../util/errors.ts";
import type { Application } from "./applications/application.ts";
import { APPLICATIONS } from "./applications/index.ts";
import { type Dataset, type DatasetOptions, isRepeatable } from "./dataset.ts";
import type { TrainingEvent } from "./events.ts";
import { planWeights } from "./load-weights.ts";
import { type ModelFiles, openModelFiles } from "./model-files.ts";
import type { FineTuneOptions, TaskTag } from "./options.ts";
import { evaluationProgram } from "./program.ts";
import { type KeptRows, type SelectedRows, selectRows, withRepeatableRows } from "./select-rows.ts";

export interface Sources {
  readonly resolved: ResolvedModel;
  readonly files: ModelFiles;
  readonly application: Application;
  readonly task: Task;
  readonly train: Dataset;
  readonly validation?: Dataset;
  /** How the validation rows were read, for those who read them again. */
  readonly scored?: ScoredRows;
  readonly maxSeqLength: number;
  /** What was read, by the option that named it. */
  readonly inputs: Readonly<Partial<Record<DataOption, ReadInput>>>;
}

/** `validation` and `validationTags` say where the rows are, `keep` which of them they are. */
export type ScoredRows = FineTuneOptions & Pick<DatasetOptions, "keep">;

export type DataOption = "train" | "trainTags" | "validation" | "validationTags";

export interface ReadInput {
  readonly name: string;
  /** Of texts, sentences or questions; a file of tags has no number of its own. */
  readonly rows?: number;
  /** SHA-256; call it once. */
  readonly digest: () => Promise<string>;
}

type Emit = (event: TrainingEvent) => void;

/**
 * Opens the model and reads the data. A model on this machine is checked before the data; one that must be downloaded
 * comes after a pass over the data that finds mistakes in it. `overflow` takes what memory has no room for.
 */
export async function openSources(
  given: FineTuneOptions,
  overflow: OverflowPolicy,
  emit: Emit,
): Promise<Sources> {
  const options = await withRepeatableRows(given);
  const name = options.model ?? DEFAULT_MODEL;
  const application = APPLICATIONS[options.task];
  const local = await findModel(name);
  if (!local) await checkData(options, application);
  const resolved = local ?? (await download(name, options, emit));
  emit({ type: "model", ...resolved });
  const files = await openModelFiles(resolved.folder);
  try {
    const maxSeqLength = chooseLength(options, files, application);
    checkEncoder(files);
    const { tokenizer } = files;
    const splits = await readSplits(options, application, { maxSeqLength, tokenizer, overflow }, emit);
    return { resolved, files, application, ...splits, maxSeqLength };
  } catch (error) {
    await files.checkpoint.close();
    throw error;
  }
}

function download(name: string, { signal }: FineTuneOptions, emit: Emit): Promise<ResolvedModel> {
  return resolveModel(name, {
    signal,
    onProgress: ({ file, received, total }) => emit({ type: "download", file, received, total }),
    checkConfig: (json, file) => void parseBertConfig(json, file),
  });
}

/** Compares the header of the weights with the configuration, whatever head will come. */
function checkEncoder({ checkpoint, config, folder }: ModelFiles): void {
  const anyTask = textClassification({ problemType: "regression", labels: [] });
  planWeights(checkpoint, evaluationProgram(anyTask, config).parameters, folder, { complete: false });
}

function chooseLength(
  { maxSeqLength }: FineTuneOptions,
  { config }: ModelFiles,
  { standards }: Application,
): number {
  const positions = config.max_position_embeddings;
  if (maxSeqLength !== undefined && maxSeqLength > positions) {
    throw new UsageError(
      `--max-seq-length ${maxSeqLength}: the model has ${positions} positions.\nTake ${positions} or less.`,
    );
  }
  return maxSeqLength ?? Math.min(standards.maxSeqLength, positions);
}

/** Reads the data without a tokenizer, for its mistakes only; rows that can be read just once are left alone. */
async function checkData(options: FineTuneOptions, application: Application): Promise<void> {
  if (!(await isRepeatable(options.train))) return;
  const { validation } = options;
  const again = validation !== undefined && (await isRepeatable(validation));
  const checked = { ...options, validation: again ? validation : undefined };
  const { maxSeqLength } = application.standards;
  await readSplits(checked, application, { maxSeqLength: options.maxSeqLength ?? maxSeqLength }, () => {});
}

async function readSplits(
  options: FineTuneOptions,
  application: Application,
  reading: Pick<DatasetOptions, "maxSeqLength" | "tokenizer" | "overflow">,
  emit: Emit,
): Promise<Pick<Sources, "task" | "train" | "validation" | "scored" | "inputs">> {
  const selected = await selectRows(options, application);
  const common = { ...options, ...reading };
  const forTraining = { ...common, ...selected.train, trainingOnly: true };
  const { data: train, inputs } = await readSplit(application, "train", forTraining);
  emit(dataEvent("train", options.task, train));
  const task = application.task(options, train);
  const forScoring = validationOptions(common, selected);
  if (forScoring === undefined) return { task, train, inputs };
  const held = await readSplit(application, "validation", forScoring, task);
  emit(dataEvent("validation", options.task, held.data));
  return { task, train, validation: held.data, scored: forScoring, inputs: { ...inputs, ...held.inputs } };
}

/** Where the validation rows are; undefined where there are none. */
function validationOptions<T extends FineTuneOptions>(options: T, { validation }: SelectedRows) {
  if (options.validation !== undefined) return options;
  const { train, trainTags } = options;
  return validation && { ...options, ...validation, validation: train, validationTags: trainTags };
}

/** The rows of one split, with the hashes of what they come from. */
async function readSplit(
  application: Application,
  split: "train" | "validation",
  options: FineTuneOptions & DatasetOptions & Pick<KeptRows, "note">,
  task?: Task,
): Promise<{ data: Dataset; inputs: Sources["inputs"] }> {
  const tagsOption = `${split}Tags` as const;
  const { [split]: input = [], [tagsOption]: tags } = options;
  const [hash, tagsHash] = [new InputHash(), new InputHash()];
  const read = await application.read(input, { ...options, tags, hash, tagsHash }, task);
  const data = options.note === undefined ? read : { ...read, notes: [options.note, ...read.notes] };
  const path = typeof input === "string" ? input : undefined;
  const rows: ReadInput = { name: data.name, rows: data.examples, digest: () => hash.digest(path) };
  if (tags === undefined) return { data, inputs: { [split]: rows } };
  const second: ReadInput = { name: tags, digest: () => tagsHash.digest(tags) };
  return { data, inputs: { [split]: rows, [tagsOption]: second } };
}

export function dataEvent(
  split: "train" | "validation",
  task: TaskTag,
  data: Dataset,
): Extract<TrainingEvent, { type: "data" }> {
  const { name, layout, features, examples, pair, truncated, labels, notes } = data;
  const { tokens, rows: windows } = features;
  return {
    type: "data",
    split,
    task,
    name,
    layout,
    rows: examples,
    windows,
    pair,
    tokens,
    truncated,
    labels,
    notes,
  };
}
