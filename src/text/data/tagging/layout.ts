/** How a file of tagged words is laid out, as data: what the options said and what its content told. */
import { createDecoder } from "../decode.ts";
import { delimiterOf } from "../layout.ts";
import { show } from "../show.ts";
import type { TaggingReadOptions } from "./tagged-example.ts";

/** A word a line and its tags in columns; a blank line ends a sentence. Positions are from 0. */
export interface ConllLayout {
  kind: "conll";
  /** Undefined: white space. */
  delimiter?: string;
  /** Whether the first line holds the columns' names. */
  header: boolean;
  /** Header names, or numbers from 1. */
  columns: string[];
  words: number;
  tags?: number;
}

/** universaldependencies.org/format: ten columns with tabs between them. */
export interface ConlluLayout {
  kind: "conllu";
  words: number;
  tags: number;
}

/** Rows with a list of words and a list of tags, by their keys. */
export interface WordRowsLayout {
  kind: "jsonl-words";
  words: string;
  tags?: string;
}

/** Rows with a text and a list of spans, by their keys. */
export interface SpanRowsLayout {
  kind: "jsonl-spans";
  text: string;
  entities?: string;
}

/** A text a line without any tags: for prediction only. */
export interface PlainLayout {
  kind: "plain";
}

export type RowsLayout = WordRowsLayout | SpanRowsLayout;

/** The layout of one file. */
export type TaggingLayout = ConllLayout | ConlluLayout | RowsLayout | PlainLayout;

/** The columns of CoNLL-U. */
export const CONLLU_COLUMNS = "id form lemma upos xpos feats head deprel deps misc".split(" ");

const DELIMITERS: Record<string, string> = { "\t": "tab", ",": "comma" };

/** Checks what can be checked before any file is opened. Throws `UsageError`. */
export function checkTaggingOptions(options: TaggingReadOptions): void {
  delimiterOf(options);
  createDecoder(options.encoding);
}

/** One line for people: `train.txt: CoNLL columns, tab-separated; words column 1, tags column 4`. */
export function describeTagging(name: string, layout: TaggingLayout): string {
  return `${name}: ${describe(layout)}`;
}

function describe(layout: TaggingLayout): string {
  switch (layout.kind) {
    case "conll":
      return describeConll(layout);
    case "conllu":
      return `CoNLL-U; words ${CONLLU_COLUMNS[layout.words]}, tags ${CONLLU_COLUMNS[layout.tags]}`;
    case "jsonl-words":
      return `rows of words; words ${show(layout.words)}, ${keyOrNone("tags", layout.tags)}`;
    case "jsonl-spans":
      return `rows of text; text ${show(layout.text)}, ${keyOrNone("spans", layout.entities)}`;
    case "plain":
      return "one text a line, no tags";
  }
}

function describeConll({ delimiter, header, columns, words, tags }: ConllLayout): string {
  const separated = delimiter === undefined ? "white space" : (DELIMITERS[delimiter] ?? delimiter);
  const column = (at: number) => (header ? show(columns[at]) : `column ${at + 1}`);
  const tagged = tags === undefined ? "no tags" : `tags ${column(tags)}`;
  return `CoNLL columns, ${separated}-separated${header ? ", header" : ""}; words ${column(words)}, ${tagged}`;
}

function keyOrNone(what: string, key: string | undefined): string {
  return key === undefined ? `no ${what}` : `${what} ${show(key)}`;
}
