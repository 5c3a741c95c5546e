/** Made-up rows for the tiny model: words that decide their tags, and answers behind a marker. What tests do with them. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import {
  evaluate,
  type FineTuneOptions,
  type FineTuneResult,
  fineTune,
  type QuestionRow,
  type TaskTag,
  type WordsRow,
} from "../../src/node.ts";
import type { Features } from "../../src/tasks/features.ts";
import { hash32 } from "../../src/util/random.ts";
import { WORDS } from "../cli/tiny-model.ts";
import { refusal } from "./refusal.ts";
import { ENOUGH, makeFolder } from "./tiny-runs.ts";

const [GOOD, BAD] = [WORDS.slice(0, 4), WORDS.slice(4, 8)];
const PLAIN = ["the", "a", "film", "meal", "is", "very"];

const pick = <T>(list: readonly T[], ...key: number[]): T => list[hash32(...key) % list.length];

/** A good word is B-GOOD, "day" behind it I-GOOD, a bad word B-BAD; all others are O. */
export function taggedSentence(seed: number, words: number): Required<WordsRow> {
  const [tokens, tags]: string[][] = [[], []];
  const push = (word: string, tag: string) => {
    tokens.push(word);
    tags.push(tag);
  };
  while (tokens.length < words) {
    const at = tokens.length;
    const kind = hash32(seed, at, 1) % 6;
    if (kind === 0 && at < words - 1) {
      push(pick(GOOD, seed, at), "B-GOOD");
      push("day", "I-GOOD");
    } else if (kind === 1) push(pick(GOOD, seed, at), "B-GOOD");
    else if (kind === 2) push(pick(BAD, seed, at), "B-BAD");
    else push(pick(PLAIN, seed, at), "O");
  }
  return { tokens, tags };
}

export const taggedSentences = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => taggedSentence(from + i, 4 + ((from + i) % 7)));

/** The answer is the word behind "was"; a passage without "was" has none. Every `none`-th has none, 0 for no row. */
export function questionRows(count: number, { from = 0, none = 0 } = {}): (QuestionRow & { id: string })[] {
  return Array.from({ length: count }, (_, i) => {
    const seed = from + i;
    const words = Array.from({ length: 5 + (seed % 6) }, (_word, at) =>
      pick([...PLAIN, ...GOOD, ...BAD], seed, at),
    );
    const empty = none > 0 && i % none === none - 1;
    const marker = hash32(seed, 99) % (words.length - 1);
    // No article: the SQuAD script takes an answer of articles alone for none.
    if (!empty) words.splice(marker, 2, "was", pick([...GOOD, ...BAD, "film", "meal"], seed, 98));
    const answer_start = words.slice(0, marker + 1).join(" ").length + 1;
    const answers = empty ? [] : [{ text: words[marker + 1], answer_start }];
    return { id: `q${seed}`, question: "what day?", context: words.join(" "), answers };
  });
}

export const jsonl = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** A temporary folder with the tiny model, and what one does in it with one task. */
export function workshop(task: TaskTag) {
  const folder = makeFolder();
  /** Writes the model to the folder `name`, where there is one. */
  const run = (
    name: string | undefined,
    options: Partial<FineTuneOptions> & Pick<FineTuneOptions, "train">,
  ): Promise<FineTuneResult> => {
    const output = name === undefined ? undefined : folder.path(name);
    return fineTune({ ...ENOUGH, model: folder.model, output, ...options, task });
  };
  return {
    ...folder,
    run,
    /** Writes a file and returns its path. */
    file(name: string, content: string): string {
      writeFileSync(folder.path(name), content);
      return folder.path(name);
    },
    json: (...parts: string[]) => JSON.parse(readFileSync(folder.path(...parts), "utf8")),
    async losses(options: Partial<FineTuneOptions> & Pick<FineTuneOptions, "train">): Promise<number[]> {
      const list: number[] = [];
      const onEvent: FineTuneOptions["onEvent"] = (event) => event.type === "step" && list.push(event.loss);
      await run(undefined, { ...options, onEvent });
      return list;
    },
    /** The file is refused in training, as validation and in evaluation, with one message; nothing is written. */
    async refusedEverywhere(model: string, path: string, good: FineTuneOptions["train"]): Promise<string> {
      const options = { maxSteps: 1, train: path };
      const message = await refusal(run("never", options));
      expect(await refusal(run("never", { ...options, train: good, validation: path }))).toBe(message);
      const output = task === "question-answering" ? folder.path("never") : undefined;
      expect(await refusal(evaluate({ model, data: path, output, threads: 1 }))).toBe(message);
      expect(existsSync(folder.path("never"))).toBe(false);
      return message;
    },
  };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Ids and labels of each row. */
export const contentOf = (features: Features) =>
  Array.from({ length: features.rows }, (_, row) => [
    Array.from(features.inputIds(row)),
    features.firstLength(row),
    Array.from(features.label(row)),
  ]);
