/**
 * Fine-tunes on public data sets and appends one JSON object a run to a file; a run that the file has already is not
 * done again, so that a sweep can be stopped and goes on where it was.
 *
 * node bench/quality.js --data FOLDER --output runs.jsonl [--sets cola,trec] [--seeds 1,2,3] [--options '{"learningRate":1e-4}']
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fineTune } from "../dist/node.js";
import { DATA_SETS } from "./data-sets.js";

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    output: { type: "string", default: "quality.jsonl" },
    sets: { type: "string", default: "cola,stsb,rte,trec,mrpc,snli,sst2,ag_news" },
    seeds: { type: "string", default: "1" },
    options: { type: "string", default: "{}" },
    limit: { type: "string" },
  },
});
if (!values.data) throw new Error("--data: give the folder that holds the data sets");
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
