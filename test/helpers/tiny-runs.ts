/** Short runs of the tiny model on rows that a word decides. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FineTuneOptions, TextRow } from "../../src/node.ts";
import { tinyRows, WORDS, writeTinyModel } from "../cli/tiny-model.ts";

/** A temporary folder with the tiny model in it; paths of both, and what removes them. */
export function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), "bertwright-tiny-"));
  const path = (...parts: string[]) => join(folder, ...parts);
  const model = writeTinyModel(path("model"));
  return { path, model, remove: () => rmSync(folder, { recursive: true }) };
}

/** `positive` with a good word, `negative` with a bad one, half of each. */
export function sentimentRows(count: number): TextRow[] {
  const lines = tinyRows(count).trimEnd().split("\n").slice(1);
  return lines.map((line) => {
    const [text, label] = line.split("\t");
    return { text, label };
  });
}

/** Labels `good` and `day`, each where its word stands: one, both or none. */
export function taggedRows(count: number): TextRow[] {
  return Array.from({ length: count }, (_, i) => {
    const label = ["good", "day"].filter((_label, bit) => (i >> bit) & 1);
    return { text: `the ${WORDS[9 + (i % 3)]} was ${label.join(" and ")}`, label };
  });
}

/** A pair is `same` where both texts have a good word or both a bad one: one text alone says nothing. */
export function pairRows(count: number): TextRow[] {
  return Array.from({ length: count }, (_, i) => {
    const [first, second] = [i & 1, (i >> 1) & 1];
    return {
      text: WORDS[4 * first],
      textPair: WORDS[4 * second],
      label: first === second ? "same" : "other",
    };
  });
}

/** Enough steps for the tiny model to learn what a word decides. */
export const ENOUGH = {
  task: "text-classification",
  learningRate: 5e-3,
  perDeviceTrainBatchSize: 8,
  numTrainEpochs: 12,
  dropout: 0,
  threads: 1,
} as const satisfies Partial<FineTuneOptions>;
