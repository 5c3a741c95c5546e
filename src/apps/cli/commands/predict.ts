/** `bertwright predict`: one JSON object a line for a text or for each row of a file. */
import { type Command, Option } from "commander";
import { UsageError } from "../../../util/errors.ts";
import { type Context, need, withProgress } from "../context.ts";
import type {
  DataOptions,
  Library,
  Prediction,
  PredictOptions,
  Predictor,
  PredictorOptions,
  Row,
} from "../library.ts";
import type { LineWriter } from "../line-writer.ts";
import { choiceOption, nameOption, numberOption, textOption } from "../option-kinds.ts";
import {
  addGroup,
  batchSizeOption,
  lengthOption,
  maxAnswerLengthOption,
  nullScoreOption,
  type ProgressMode,
  progressOption,
  runtimeOptions,
} from "../options.ts";
import type { Progress } from "../progress/progress.ts";
import { addReadingGroups, readingFlags, readingValues, type TaskGroups } from "../reading-options.ts";
import { checkResultFile, writeResultFile } from "../result-file.ts";

interface PredictFlags extends DataOptions {
  model?: string;
  text?: string;
  textPair?: string;
  question?: string;
  context?: string;
  data?: string;
  output?: string;
  overwrite?: boolean;
  topK?: number;
  threshold?: number;
  aggregation?: PredictOptions["aggregation"];
  maxAnswerLength?: number;
  nullScoreDiffThreshold?: number;
  batchSize?: number;
  maxSeqLength?: number;
  threads?: number;
  runtime?: PredictorOptions["runtime"];
  precision?: PredictorOptions["precision"];
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
    textOption("--question <text>", "a question"),
    textOption("--context <text>", "the passage that may answer it"),
    nameOption("--data <file>", "many: a text a line, or a file in the formats of train, labels or not"),
    nameOption("--output <file>", "receives the predictions (default: stdout)"),
    new Option("--overwrite", "replace an output file that exists"),
  ]);
  addGroup(command, "Predictions:", [
    numberOption("--top-k <k>", { whole: true, from: 1, to: 1_000_000 }, "classes, answers: the K best"),
  ]);
  const groups: TaskGroups = {
    classification: [
      numberOption(
        "--threshold <p>",
        { above: 0, below: 1 },
        "several labels: probability from which one is predicted (default: the model's own)",
      ),
    ],
    tagging: [
      choiceOption(
        "--aggregation <how>",
        ["none", "simple", "first", "average", "max"],
        "entities of plain text from the pieces of words, as transformers' pipeline has them (default: from the words' tags)",
      ),
    ],
    questions: [maxAnswerLengthOption("as in training"), nullScoreOption()],
  };
  addReadingGroups(command, groups, { labelled: false });
  addGroup(command, "Machine and output:", [
    batchSizeOption("--batch-size <n>", "as many as make 1,024 tokens"),
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
  tags            {"words":[{"word":"Oslo","tag":"B-LOC","score":0.98,"start":0,"end":4}],"entities":[{"label":"LOC","score":0.98,"text":"Oslo","start":0,"end":4}]}
  an answer       {"answer":"912 metres","start":16,"end":26,"score":0.83}; with --top-k the best beside "top"
start and end count UTF-16 units, as text.slice(start, end) does. "answer" is empty where the passage has none.
`;

async function predict(flags: PredictFlags, context: Context): Promise<void> {
  const model = need(flags.model, "predict", "--model FOLDER", "what train wrote");
  checkTexts(flags);
  const { output, overwrite = false } = flags;
  if (output !== undefined) checkResultFile(output, { overwrite });
  const { progress: mode = "auto" } = flags;
  await withProgress(context, mode, async (progress) => {
    const library = await context.host.loadLibrary();
    const { batchSize, maxSeqLength, threads, runtime, precision } = flags;
    const { maxAnswerLength, nullScoreDiffThreshold } = flags;
    const { topK, threshold, aggregation } = flags;
    const { signal } = context.host;
    const predictor = await library.loadPredictor(model, {
      ...{ batchSize, maxSeqLength, threads, runtime, precision, signal },
      ...{ maxAnswerLength, nullScoreDiffThreshold },
      onWarning: (message) => progress.show({ type: "warning", message }),
    });
    try {
      const rows = rowsOf(flags, predictor, library, signal);
      const predictions = predictor.stream(rows, { topK, threshold, aggregation, signal });
      const lines = linesOf(predictions, library);
      const write = (writer: LineWriter) => writeLines(lines, writer, noteTo(progress, flags));
      if (output === undefined) await write(context.output);
      else {
        const done = await writeResultFile(output, { overwrite }, write);
        progress.show({ type: "predicted", task: predictor.task, rows: done, file: output });
      }
    } finally {
      predictor.dispose();
    }
  });
}

function rowsOf(
  flags: PredictFlags,
  { task }: Predictor,
  library: Library,
  signal: AbortSignal,
): Iterable<Row> | AsyncIterable<Row> {
  if (flags.data !== undefined)
    return library.readRows(flags.data, { ...readingValues(flags), task, signal });
  return [rowOf(flags, task)];
}

/** The row of the command line; what it holds has to fit the model's task. */
function rowOf({ text, textPair, question, context }: PredictFlags, task: Predictor["task"]): Row {
  if (task === "question-answering") {
    const [asked, passage] = [question ?? text ?? "", context ?? textPair];
    if (asked.trim() === "") {
      throw new UsageError(`--${question === undefined ? "text" : "question"} is empty: ask something.`);
    }
    if (passage !== undefined) return { question: asked, context: passage };
    throw new UsageError(
      'The model answers questions about a passage: give --question "…" and --context "…".',
    );
  }
  if (question !== undefined) {
    throw new UsageError(`--question has no meaning for a model for ${task}; give --text.`);
  }
  if (task === "text-classification") return { text: text ?? "", textPair };
  if (textPair === undefined) return { text: text ?? "" };
  throw new UsageError(`--text-pair has no meaning for a model for ${task}; give --text alone.`);
}

const ROWS_A_NOTE = 256;

/** Results on a terminal need no progress between them. */
function noteTo(progress: Progress, flags: PredictFlags): (done: number) => void {
  if (flags.output === undefined && flags.progress === undefined) return () => {};
  return (done) => progress.show({ type: "predicting", done });
}

async function* linesOf(
  predictions: AsyncIterable<Prediction>,
  { predictionLine }: Library,
): AsyncGenerator<string> {
  for await (const prediction of predictions) yield `${JSON.stringify(predictionLine(prediction))}\n`;
}

/** Returns how many there were. */
async function writeLines(
  lines: AsyncIterable<string>,
  writer: LineWriter,
  note: (done: number) => void,
): Promise<number> {
  let done = 0;
  for await (const line of lines) {
    await writer.write(line);
    if (++done % ROWS_A_NOTE === 0) note(done);
  }
  return done;
}

/** Texts come from the command line or from a file, and options for the one say nothing about the other. */
function checkTexts(flags: PredictFlags): void {
  const { text, textPair, question, context, data } = flags;
  if (text === undefined && question === undefined && data === undefined) {
    throw new UsageError(
      'predict needs --text "…", --question "…" --context "…" or --data FILE: the texts to predict.',
    );
  }
  if (text !== undefined && question !== undefined) throw notBoth("--text", "--question");
  const given = text === undefined ? "--question" : "--text";
  if (data !== undefined) {
    if (text !== undefined || question !== undefined) throw notBoth(given, "--data");
    if (textPair !== undefined)
      throw new UsageError("--text-pair goes with --text; for --data use --text-pair-column.");
    if (context !== undefined)
      throw new UsageError("--context goes with --question; for --data use --context-column.");
    return;
  }
  if ((question === undefined) !== (context === undefined))
    throw new UsageError('--question "…" and --context "…" go together: a question and its passage.');
  if (question !== undefined && textPair !== undefined) throw notBoth("--question", "--text-pair");
  const [reading] = readingFlags(flags);
  if (reading !== undefined)
    throw new UsageError(`${reading.flag} says how --data is read; it does not go with ${given}.`);
}

function notBoth(one: string, other: string): UsageError {
  return new UsageError(`Give ${one} or ${other}, not both.`);
}
