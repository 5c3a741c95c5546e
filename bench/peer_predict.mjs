/**
 * The benchmark's peer: predictions of @huggingface/transformers in Node, for
 * `npm run bench -- --suite predict --peer-node FOLDER`, FOLDER being where that package is installed.
 *
 * node bench/peer_predict.mjs FOLDER
 *
 * Stays alive and answers one line a request as bench/peer_predict.py does, with the model that its "export" wrote:
 * {"model", "task", "texts", "way": "pipeline" | "sorted", "threads"}. Both ways are the package's pipeline in batches
 * of 32, in the rows' order or sorted by their length; the model is float32.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";

const BATCH = 32;
const folder = process.argv[2];
const require = createRequire(join(folder, "package.json"));
const warm = new Map();
// What libraries print shall not be taken for an answer.
const answer = (reply) => process.stdout.write(`${JSON.stringify(reply)}\n`);
console.log = console.error;

for await (const line of createInterface({ input: process.stdin })) {
  try {
    answer(await predict(JSON.parse(line)));
  } catch (error) {
    answer({ error: String(error) });
  }
}

async function predict({ model, task, texts: file, way, threads }) {
  const classify = await load(model, task, threads);
  const texts = JSON.parse(readFileSync(file, "utf8"));
  const start = performance.now();
  const order = texts.map((_, i) => i);
  if (way === "sorted") order.sort((a, b) => texts[b].length - texts[a].length);
  const options = task === "token-classification" ? { aggregation_strategy: "simple" } : {};
  const results = [];
  for (let at = 0; at < order.length; at += BATCH) {
    const rows = order.slice(at, at + BATCH);
    const found = await classify(
      rows.map((row) => texts[row]),
      options,
    );
    rows.forEach((row, i) => {
      results[row] = found[i];
    });
  }
  const seconds = (performance.now() - start) / 1000;
  const labels = results.slice(0, BATCH).flatMap((result) => result.label ?? []);
  const { version } = require(join(folder, "node_modules/@huggingface/transformers/package.json"));
  return {
    seconds,
    labels,
    peak_memory_mb: (process.resourceUsage().maxRSS * 1024) / 1e6,
    with: `transformers.js ${version}, Node ${process.versions.node}`,
  };
}

/** The pipeline, loaded at its first request and kept. */
async function load(model, task, threads) {
  if (warm.has(model)) return warm.get(model);
  const { env, pipeline } = require("@huggingface/transformers");
  env.allowRemoteModels = false;
  env.localModelPath = dirname(model);
  const session_options = threads === undefined ? {} : { intraOpNumThreads: threads };
  const loaded = await pipeline(task, basename(model), { dtype: "fp32", device: "cpu", session_options });
  warm.set(model, loaded);
  return loaded;
}
