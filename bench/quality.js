/**
 * Fine-tunes on public data sets and appends one JSON object a run to a file; a run that the file has already is not
 * done again, so that a sweep can be stopped and goes on where it was.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fineTune } from "bertwright";
import { DATA_SETS } from "./data-sets.js";

const USAGE = `node bench/quality.js --data FOLDER [options]

Fine-tunes on public data sets; appends one JSON object a run to a file, and leaves out runs that the file has.

  --data FOLDER    the data sets, as bench/data-sets.js has them
  --output FILE    receives the runs (default: quality.jsonl)
  --sets LIST      of ${Object.keys(DATA_SETS).join(",")}
                   (default: cola,stsb,rte,trec,mrpc,snli,sst2,ag_news)
  --seeds LIST     default: 1
  --options JSON   options of fineTune, such as '{"learningRate":1e-4}'
  --limit N        the first N training rows alone
  --help           print this help
`;

const values = parse();

function parse() {
  try {
    const { values } = parseArgs({
      options: {
        data: { type: "string" },
        output: { type: "string", default: "quality.jsonl" },
        sets: { type: "string", default: "cola,stsb,rte,trec,mrpc,snli,sst2,ag_news" },
        seeds: { type: "string", default: "1" },
        options: { type: "string", default: "{}" },
        limit: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) finish(0, process.stdout, USAGE);
    if (!values.data) throw new Error("--data is missing.");
    const unknown = values.sets.split(",").find((set) => !Object.hasOwn(DATA_SETS, set));
    if (unknown !== undefined) throw new Error(`--sets: there is no ${JSON.stringify(unknown)}.`);
    return values;
  } catch (error) {
    return finish(2, process.stderr, `Error: ${error.message}\n\n${USAGE}`);
  }
}

function finish(status, stream, text) {
  stream.write(text);
  process.exit(status);
}

const options = JSON.parse(values.options);
const done = existsSync(values.output)
  ? readFileSync(values.output, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line).key)
  : [];

for (const seed of values.seeds.split(",").map(Number)) {
  for (const set of values.sets.split(",")) {
    const key = [set, seed, values.options, values.limit ?? ""].join(" ");
    if (done.includes(key)) continue;
    const given = DATA_SETS[set](values.data);
    const { train, validation } = typeof given.train === "string" ? given : knownRows(given, values.limit);
    const epochs = [];
    let recipe = [];
    const result = await fineTune({
      task: given.task ?? "text-classification",
      train,
      validation,
      seed,
      ...given.options,
      ...options,
      onEvent: (event) => {
        if (event.type === "evaluation") epochs.push(event.metrics);
        if (event.type === "recipe") recipe = event.lines;
      },
    });
    const { metrics, seconds, tokensPerSecond, peakMemoryMb } = result;
    const record = {
      key,
      set,
      seed,
      options,
      metrics,
      epochs,
      recipe,
      seconds,
      tokensPerSecond,
      peakMemoryMb,
    };
    appendFileSync(values.output, `${JSON.stringify(record)}\n`);
    const best = Object.entries(metrics)
      .slice(0, 5)
      .map(([name, value]) => `${name} ${(100 * value).toFixed(2)}`);
    console.log(`${set} seed ${seed} ${values.options}: ${best.join(", ")} (${seconds.toFixed(0)} s)`);
  }
}

/** At most `limit` training rows, and the validation rows whose label is among theirs. */
function knownRows({ train, validation }, limit) {
  const rows = limit ? train.slice(0, Number(limit)) : train;
  const known = new Set(rows.map(({ label }) => label));
  // Numbers are values; names that the rows lack cannot be predicted, nor counted.
  const kept = validation.filter(({ label }) => typeof label === "number" || known.has(label));
  return { train: rows, validation: kept };
}
