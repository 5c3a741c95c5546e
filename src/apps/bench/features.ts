/**
 * `--suite features`: from the start of `bertwright train` to the features of a large file of texts, tokenized and
 * labelled, and the process's peak memory up to there. The command is stopped before it trains.
 */
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { InputError } from "../../util/errors.ts";
import { COMMAND } from "./command-file.ts";
import { runProgram } from "./process.ts";
import type { Report } from "./report.ts";
import { compare } from "./statistics.ts";
import { sentenceMaker, VOCABULARY } from "./tokenizer.ts";

export interface FeaturesOptions {
  turns: number;
  rows: number;
  /** Its vocabulary counts; default: the command's own. */
  model?: string;
}

export async function benchFeatures({ turns, rows, model }: FeaturesOptions, report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bertwright-bench-"));
  try {
    const [few, train] = [join(folder, "few.csv"), join(folder, "train.csv")];
    await pipeline(Readable.from(csvOf(10)), createWriteStream(few));
    // The first run may have to fetch the model.
    await makeFeatures(few, folder, model);
    await pipeline(Readable.from(csvOf(rows)), createWriteStream(train));
    const results: Made[] = [];
    for (let turn = 0; turn < turns; turn++) results.push(await makeFeatures(train, folder, model));
    addResults(results, rows, report);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function addResults(results: readonly Made[], rows: number, report: Report): void {
  const seconds = results.map((made) => made.seconds);
  const million = compare(
    "features-million-rows",
    "s",
    seconds.map((s) => (s * 1e6) / rows),
    undefined,
  );
  const size = `${rows.toLocaleString("en-US")} rows, ${results[0].tokens.toLocaleString("en-US")} tokens`;
  report.add(million, `${size}; ${results.length} turns`);
  report.add(
    compare(
      "features",
      "rows/s",
      seconds.map((s) => rows / s),
      undefined,
    ),
    size,
  );
  const memory = results.map(({ peakMemoryMb }) => peakMemoryMb);
  if (memory.every((peak) => peak !== undefined)) {
    report.add(compare("features-memory", "MB", memory, undefined), size);
  }
}

interface Made {
  readonly seconds: number;
  readonly tokens: number;
  readonly peakMemoryMb?: number;
}

async function makeFeatures(train: string, folder: string, model?: string): Promise<Made> {
  const args = [COMMAND, "train", "--train", train, "--output", join(folder, "output")];
  if (model !== undefined) args.push("--model", model);
  let made: Made | undefined;
  const { stderr, peakMemoryMb } = await runProgram(
    { file: process.execPath, args: [...args, "--progress", "json"] },
    {
      onErrorLine: (line, seconds, stop) => {
        if (!line.startsWith('{"type":"data"')) return;
        made = { seconds, tokens: (JSON.parse(line) as { tokens: number }).tokens };
        stop();
      },
    },
  );
  if (made) return { ...made, peakMemoryMb };
  throw new InputError(`bertwright train read no rows: ${stderr.trim().split("\n").at(-1)}`);
}

/** Rows a piece of the file. */
const ROWS_AT_ONCE = 10_000;

/** Two sentences and one of two labels a row: 10 to 50 words. */
function* csvOf(rows: number): Generator<string> {
  const sentenceOf = sentenceMaker(readFileSync(VOCABULARY, "utf8"));
  const rowOf = (row: number) =>
    `"${sentenceOf(2 * row)} ${sentenceOf(2 * row + 1)}",${row % 2 === 0 ? "good" : "bad"}\n`;
  yield "text,label\n";
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, rows - start);
    yield Array.from({ length: count }, (_, i) => rowOf(start + i)).join("");
  }
}
