/**
 * Prints how long the rows of public data sets are, as src/apps/bench/lengths.ts holds them: the longest row of each
 * bin, and how many of a thousand rows are in it.
 *
 * node bench/lengths.js --data FOLDER --model FOLDER
 */
import { parseArgs } from "node:util";
import { APPLICATIONS } from "../dist/training/applications/index.js";
import { openTokenizer } from "../dist/training/model-files.js";
import { DATA_SETS } from "./data-sets.js";

/** Where bins end: finer among the longest rows, for a batch is padded to its longest one. */
const QUANTILES = [...Array.from({ length: 15 }, (_, i) => (i + 1) / 16), 0.97, 0.985, 0.995, 0.999, 1];

const { values } = parseArgs({ options: { data: { type: "string" }, model: { type: "string" } } });
if (!values.data || !values.model) throw new Error("give --data FOLDER and --model FOLDER");
const tokenizer = await openTokenizer(values.model);

for (const name of ["cola", "snli", "squad_v1"]) {
  const { task = "text-classification", train } = DATA_SETS[name](values.data);
  const { standards, read } = APPLICATIONS[task];
  const { features } = await read(train, { tokenizer, maxSeqLength: standards.maxSeqLength });
  const lengths = Array.from({ length: features.rows }, (_, row) => features.length(row));
  const mean = features.tokens / features.rows;
  console.log(`${name}: ${lengths.length} rows, mean ${mean.toFixed(2)}`);
  console.log(JSON.stringify({ shortest: Math.min(...lengths), ...bins(lengths) }));
}

/** Rows of one length are in one bin; shares are rounded so that their sum is 1,000. */
function bins(lengths) {
  const sorted = lengths.toSorted((a, b) => a - b);
  const [longest, perMille] = [[], []];
  let [rows, thousandths] = [0, 0];
  for (const quantile of QUANTILES) {
    const upTo = sorted[Math.ceil(quantile * sorted.length) - 1];
    const end = sorted.lastIndexOf(upTo) + 1;
    if (end === rows) continue;
    rows = end;
    const share = Math.round((1000 * rows) / sorted.length);
    longest.push(upTo);
    perMille.push(share - thousandths);
    thousandths = share;
  }
  return { longest, perMille };
}
