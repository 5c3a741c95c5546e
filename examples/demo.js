/**
 * From labelled texts to a model in one go: fine-tunes the default model on the support requests beside this file,
 * measures it on requests that training has not seen, and asks it about three new ones.
 *
 * `npm run demo`; with weights of your own, `npm run demo -- --model FOLDER`.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { evaluate, fineTune, InputError, loadPredictor, readRows } from "bertwright";
import { createProgress } from "../dist/apps/cli/progress/progress.js";

const TRAIN = "examples/support-requests/train.csv";
const UNSEEN = "examples/support-requests/test.csv";
const OUTPUT = "runs/demo";
/** By itself the recipe takes ten for so few rows: more than twice the time for some three right answers in a hundred. */
const EPOCHS = 4;
const NEW_REQUESTS = [
  "The parcel was meant to be here on Tuesday and there is still no sign of it.",
  "it says wrong password every time, but i only ever had this one",
  "Does the small blender crush ice as well?",
];
const NEXT = `
The same with a file of yours (CSV, TSV or JSONL, a text and its label a row):
  npx --no-install bertwright inspect --data FILE
  npx --no-install bertwright train --train FILE --output models/mine
  npx --no-install bertwright predict --model models/mine --text "A text of yours."
With --validation OTHER_FILE, train measures each epoch on rows of their own and keeps the best.`;

const interrupt = new AbortController();
const { signal } = interrupt;
process.on("SIGINT", () => interrupt.abort());
process.chdir(fileURLToPath(new URL("..", import.meta.url)));
process.exit(await demo().catch(report));

async function demo() {
  const { model } = parseArgs({ options: { model: { type: "string" } } }).values;
  console.log("What does a customer want? BERT learns it from examples.\n");
  const { seconds } = await train(model);
  console.log(`Trained in ${Math.round(seconds)} s.\n`);
  await measure();
  await ask();
  console.log(NEXT);
  return 0;
}

/** Trains with the command's own progress on stderr. */
async function train(model) {
  const { stderr, env } = process;
  const progress = createProgress("auto", {
    stderr,
    env,
    isTTY: stderr.isTTY === true,
    columns: () => stderr.columns ?? 80,
    now: () => performance.now(),
  });
  const onEvent = (event) => progress.show(event);
  const files = { train: TRAIN, output: OUTPUT, overwrite: true };
  const how = { model, numTrainEpochs: EPOCHS, signal, onEvent };
  try {
    return await fineTune({ task: "text-classification", ...files, ...how });
  } finally {
    progress.close();
  }
}

/** Accuracy on the unseen requests, beside that of always giving the label that training has most often. */
async function measure() {
  const { metrics, examples } = await evaluate({ model: OUTPUT, data: UNSEEN, signal });
  const [label] = [...(await countLabels(TRAIN))].reduce((a, b) => (b[1] > a[1] ? b : a));
  const baseline = ((await countLabels(UNSEEN)).get(label) ?? 0) / examples;
  console.log(`On ${examples} requests that it has not seen:`);
  console.log(`  ${percent(metrics.accuracy)} right`);
  console.log(`  ${percent(baseline)} would be by always saying "${label}", the most frequent answer\n`);
}

async function countLabels(file) {
  const counts = new Map();
  for await (const { label } of readRows(file)) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

async function ask() {
  const classify = await loadPredictor(OUTPUT, { signal });
  console.log("Three new requests, and how sure it is:");
  for (const text of NEW_REQUESTS) {
    const { label, score } = await classify(text);
    console.log(`  ${label.padEnd(17)} ${percent(score)}  ${text}`);
  }
  classify.dispose();
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`.padStart(6);
}

/** Says what went wrong and returns the exit status. */
function report(error) {
  if (signal.aborted) {
    console.error("Interrupted.");
    return 130;
  }
  const expected = error instanceof InputError || error.code === "ERR_PARSE_ARGS_UNKNOWN_OPTION";
  console.error(expected ? `Error: ${error.message}` : error);
  if (/^--model/.test(error.message)) console.error("In this demo: npm run demo -- --model FOLDER");
  return 1;
}
