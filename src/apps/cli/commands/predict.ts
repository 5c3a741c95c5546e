/** `bertwright predict`: one JSON object a line for a text or for each row of a file. */
import { type Command, Option } from "commander";
import { UsageError } from "../../../util/errors.ts";
import { type Context, need, withProgress } from "../context.ts";
import type { DataOptions, Library, Prediction, Row } from "../library.ts";
import type { LineWriter } from "../line-writer.ts";
import { nameOption, numberOption, textOption } from "../option-kinds.ts";
import {
  addGroup,
  batchSizeOption,
  columnOptions,
  lengthOption,
  type ProgressMode,
  progressOption,
  runtimeOptions,
} from "../options.ts";
import type { Progress } from "../progress/progress.ts";
import { checkResultFile, writeResultFile } from "../result-file.ts";

interface PredictFlags extends DataOptions {
  model?: string;
  text?: string;
  textPair?: string;
  data?: string;
  output?: string;
  overwrite?: boolean;
  topK?: number;
  threshold?: number;
  batchSize?: number;
  maxSeqLength?: number;
  threads?: number;
  runtime?: "auto" | "onnxruntime" | "onnxruntime-binding";
  progress?: ProgressMode;
}

export function addPredict(program: Command, context: Context): void {
  const command = program
    .command("predict")
    .description("say what a model makes of a text, or of each row of a file: one JSON object a line")
    .addHelpText("after", SHAPES);
  addGroup(command, "Model and texts:", [
    nameOption("--model <folder>", "what train wrote"),
    textOption("--text <text>", "a text"),
    textOption("--text-pair <text>", "the second text of a pair"),
    nameOption("--data <file>", "texts: CSV, TSV, JSONL, or a text a line"),
    nameOption("--output <file>", "receives the predictions (default: stdout)"),
    new Option("--overwrite", "replace an output file that exists"),
  ]);
  addGroup(command, "How the file is read (default: told by its content):", columnOptions());
  addGroup(command, "Predictions:", [
    numberOption("--top-k <k>", { whole: true, from: 1, to: 1_000_000 }, "classes: the K best labels"),
    numberOption(
      "--threshold <p>",
      { above: 0, below: 1 },
      "several labels: probability from which one is predicted",
    ),
  ]);
  addGroup(command, "Machine and output:", [
    batchSizeOption("--batch-size <n>"),
    lengthOption("as in training"),
    ...runtimeOptions(),
    progressOption(),
    new Option("--json", "changes nothing: predictions are JSON anyway"),
  ]);
  command.action((flags: PredictFlags) => predict(flags, context));
}

const SHAPES = `
A line is, by what the model was trained to say:
  a class         {"label":"positive","score":0.97}
    --top-k 2     {"label":"positive","score":0.97,"top":[{"label":"positive","score":0.97},{"label":"negative","score":0.03}]}
  several labels  {"labels":[{"label":"refund","score":0.91},{"label":"angry","score":0.77}]}
  a number        {"score":3.4}
`;

async function predict(flags: PredictFlags, context: Context): Promise<void> {
  const model = need(flags.model, "predict", "--model FOLDER", "what train wrote");
  checkTexts(flags);
  const { output, overwrite = false } = flags;
  if (output !== undefined) checkResultFile(output, { overwrite });
  // Results on a terminal need no progress between them.
  const mode = flags.progress ?? (output === undefined ? "none" : "auto");
  await withProgress(context, mode, async (progress) => {
    const library = await context.host.loadLibrary();
    const { batchSize, maxSeqLength, threads, runtime, topK, threshold } = flags;
    const { signal } = context.host;
    const predictor = await library.loadPredictor(model, {
      batchSize,
      maxSeqLength,
      threads,
      runtime,
      signal,
    });
    const predictions = predictor.stream(rowsOf(flags, library, signal), { topK, threshold, signal });
    const write = (writer: LineWriter) => writePredictions(predictions, writer, progress);
    try {
      if (output === undefined) await write(context.output);
      else {
        const rows = await writeResultFile(output, { overwrite }, write);
        progress.show({ type: "predicted", rows, file: output });
      }
    } finally {
      predictor.dispose();
    }
  });
}

function rowsOf(
  flags: PredictFlags,
  library: Library,
  signal: AbortSignal,
): Iterable<Row> | AsyncIterable<Row> {
  if (flags.data === undefined) return [{ text: flags.text ?? "", textPair: flags.textPair }];
  const { textColumn, textPairColumn, labelColumn, header, delimiter, quote, encoding, labelSeparator } =
    flags;
  const columns = {
    textColumn,
    textPairColumn,
    labelColumn,
    header,
    delimiter,
    quote,
    encoding,
    labelSeparator,
  };
  return library.readRows(flags.data, { ...columns, signal });
}

const ROWS_A_NOTE = 256;

/** Returns how many there were. */
async function writePredictions(
  predictions: AsyncIterable<Prediction>,
  writer: LineWriter,
  progress: Progress,
): Promise<number> {
  let done = 0;
  for await (const prediction of predictions) {
    await writer.write(`${JSON.stringify(lineOf(prediction))}\n`);
    if (++done % ROWS_A_NOTE === 0) progress.show({ type: "predicting", done });
  }
  return done;
}

/** With `--top-k` the best label stays where it is without. */
function lineOf(prediction: Prediction): object {
  return "top" in prediction ? { ...prediction.top[0], top: prediction.top } : prediction;
}

/** Texts come from the command line or from a file, and options for the one say nothing about the other. */
function checkTexts(flags: PredictFlags): void {
  const { text, textPair, data } = flags;
  if (text === undefined && data === undefined) {
    throw new UsageError('predict needs --text "…" or --data FILE: the texts to predict.');
  }
  if (text !== undefined && data !== undefined) throw new UsageError("Give --text or --data, not both.");
  if (data !== undefined) {
    if (textPair !== undefined)
      throw new UsageError("--text-pair goes with --text; for --data use --text-pair-column.");
    return;
  }
  const columnFlag = columnOptions().find((option) => {
    const value = flags[option.attributeName() as keyof PredictFlags];
    return value !== undefined && option.negate === (value === false);
  });
  if (columnFlag !== undefined)
    throw new UsageError(`${columnFlag.long} says how --data is read; it does not go with --text.`);
}
