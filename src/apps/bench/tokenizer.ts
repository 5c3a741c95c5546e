/** `--suite tokenizer`: tokens a second that a text becomes on one core, with a fresh tokenizer each time. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createTokenizer } from "../../node.ts";
import { InputError } from "../../util/errors.ts";
import { uniform } from "../../util/random.ts";
import type { Report } from "./report.ts";
import { compare } from "./statistics.ts";

export interface TokenizerOptions {
  turns: number;
  /** A text file, a row a line; default: made-up sentences. */
  text?: string;
}

/** A vocabulary of English. */
export const VOCABULARY = fileURLToPath(
  new URL("../../../test/fixtures/vocab/uncased-vocab.txt", import.meta.url),
);
const SENTENCES = 20_000;
const SEED = 1;

export function benchTokenizer({ turns, text }: TokenizerOptions, report: Report): void {
  const vocab = readFileSync(VOCABULARY, "utf8");
  const rows = text === undefined ? madeUpSentences(vocab, SENTENCES) : rowsOf(text);
  let tokens = 0;
  const rates: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const tokenizer = createTokenizer({ vocab, lowercase: true });
    const start = performance.now();
    tokens = 0;
    for (const row of rows) tokens += tokenizer.encodeIds(row).inputIds.length;
    rates.push(tokens / ((performance.now() - start) / 1000));
  }
  const size = `${rows.length.toLocaleString("en-US")} rows, ${tokens.toLocaleString("en-US")} tokens`;
  report.add(compare("tokenizer", "tokens/s", rates, undefined), `${size}; ${turns} turns`);
}

function rowsOf(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\n");
  } catch (error) {
    throw new InputError(`--text ${file}: ${error instanceof Error ? error.message : error}`);
  }
}

/** The first `count` sentences of `sentenceMaker`. */
export function madeUpSentences(vocab: string, count: number): string[] {
  const sentenceOf = sentenceMaker(vocab);
  return Array.from({ length: count }, (_, sentence) => sentenceOf(sentence));
}

/** Sentences by number, of words from the vocabulary, few of them often and most of them rarely, as in a language. */
export function sentenceMaker(vocab: string): (sentence: number) => string {
  const words = vocab.split("\n").filter((word) => /^[a-z]+$/.test(word));
  const wordOf = (sentence: number, place: number) => {
    const rank = Math.floor(words.length ** uniform(SEED, sentence, place)) - 1;
    const word = words[rank];
    // One in eight is not in the vocabulary.
    return uniform(SEED, sentence, place, 1) < 1 / 8 ? word + words[(rank * 7919) % words.length] : word;
  };
  return (sentence) => {
    const length = 4 + Math.floor(uniform(SEED, sentence) * 20);
    const text = Array.from({ length }, (_, place) => wordOf(sentence, place)).join(" ");
    return `${text[0].toUpperCase()}${text.slice(1)}, isn't it?`;
  };
}
