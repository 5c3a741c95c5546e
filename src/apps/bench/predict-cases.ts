/** What is predicted: development sets of the public data sets by models that two steps made, or a file of the user's. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_MODEL } from "../../internals.ts";
import { fineTune, loadPredictor, type Row, readRows, type TaskTag } from "../../node.ts";
import { InputError } from "../../util/errors.ts";

export interface PredictCase {
  readonly name: string;
  readonly task: TaskTag;
  /** Folder of the fine-tuned model. */
  readonly model: string;
  /** The file, for the command. */
  readonly data: string;
  readonly rows: readonly Row[];
  /** The same for a peer: one text a row, words with spaces between. */
  readonly texts: readonly string[];
}

/** Under the folder of the data sets, as bench/data-sets.js has them. */
const DATA_SETS = [
  { name: "sst2", task: "text-classification", file: "sst2/dev.tsv" },
  { name: "conll2003", task: "token-classification", file: "conll2003/eng.testa" },
] as const satisfies readonly { name: string; task: TaskTag; file: string }[];

/**
 * The cases of a folder of data sets, with `model` as the encoder (default: the command's) and models written into
 * `folder`; or the one of a file, with `model` as the fine-tuned model.
 */
export async function predictCases(
  data: string,
  folder: string,
  model = DEFAULT_MODEL,
): Promise<PredictCase[]> {
  if (!isFolder(data)) return [await ownCase(data, model)];
  const cases: PredictCase[] = [];
  for (const { name, task, file } of DATA_SETS) {
    const [train, output] = [join(data, file), join(folder, name)];
    // How well a model predicts does not change how fast it does.
    await fineTune({ task, model, train, output, maxSteps: 2 });
    cases.push(await openCase(name, task, output, train));
  }
  return cases;
}

export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

async function ownCase(data: string, model: string): Promise<PredictCase> {
  const predictor = await loadPredictor(model);
  predictor.dispose();
  return openCase("own", predictor.task, model, data);
}

async function openCase(name: string, task: TaskTag, model: string, data: string): Promise<PredictCase> {
  const rows: Row[] = [];
  for await (const row of readRows(data, { task })) rows.push(row);
  return { name, task, model, data, rows, texts: rows.map((row, i) => textOf(row, `${data}, row ${i + 1}`)) };
}

function textOf(row: Row, place: string): string {
  if ("tokens" in row) return row.tokens.join(" ");
  if ("text" in row && !("textPair" in row && row.textPair !== undefined)) return row.text;
  throw new InputError(`${place}: the bench predicts single texts and tags, no pairs and no questions.`);
}
