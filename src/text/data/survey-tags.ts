/** One pass over the tagged sentences of a file: counts and hashes, and each word's tags. */
import { convertTags, SchemeDetector, type SchemeReport, spansOf } from "../tags/schemes.ts";
import { Findings } from "./findings.ts";
import { Lengths } from "./lengths.ts";
import type { SurveyData } from "./survey-data.ts";
import { WordBaseline, type WordGuess } from "./tag-baseline.ts";
import { TagCounts, type TagForm } from "./tag-counts.ts";
import type { TaggedExample } from "./tagging/tagging.ts";
import { hashText, TextTable } from "./text-table.ts";

/** What the model's tokenizer makes of a sentence. */
export interface TokenizedSentence {
  /** With the special tokens, before it is split into windows. */
  tokens: number;
  /** Words of which nothing is left. */
  withoutPieces: number;
  /** For a plain text: its words with their tags, and spans that words cannot express. */
  text?: { words: readonly string[]; tags: readonly string[]; faults: readonly string[] };
}

/** Any scheme does: of each the same spans are read. */
const SPANS = "IOB2";

export class TagSurvey {
  readonly data: SurveyData<TaggedExample>;
  readonly seen = new TextTable();
  readonly detector = new SchemeDetector();
  readonly counts = new TagCounts();
  readonly entities = new Map<string, { count: number; line: number }>();
  readonly words = new Lengths();
  readonly tokens = new Lengths();
  readonly duplicates = new Findings();
  readonly conflicts = new Findings();
  readonly inTrain = new Findings();
  readonly withoutPieces = { words: 0, sentences: new Findings() };
  readonly faults: { line: number; reason: string }[] = [];
  readonly baseline: WordBaseline | undefined;
  sentences = 0;
  wordCount = 0;
  /** Whether sentences are texts with spans, not words with tags. */
  isText = false;
  readonly #train: TextTable | undefined;
  #scheme: SchemeReport | undefined;

  /** `train`: what is there already, where this is the validation data. */
  constructor(data: SurveyData<TaggedExample>, train?: { seen: TextTable; guess?: WordGuess }) {
    this.data = data;
    this.#train = train?.seen;
    if (train?.guess) this.baseline = new WordBaseline(train.guess);
  }

  async read(tokenize: ((example: TaggedExample) => TokenizedSentence) | undefined): Promise<void> {
    for await (const example of this.data.examples) {
      this.sentences++;
      const tokenized = tokenize?.(example);
      if (tokenized) this.#addTokens(example.line, tokenized);
      if (example.text !== undefined) this.#addText(example, tokenized);
      else this.#addWords(example.line, example.words ?? [], example.tags ?? []);
      this.#addRepeats(example);
    }
  }

  /** What the tags of words are; of texts with spans it says nothing. */
  get scheme(): SchemeReport {
    this.#scheme ??= this.detector.finish();
    return this.#scheme;
  }

  get marksSpans(): boolean {
    return this.isText || this.scheme.scheme !== "none";
  }

  /** Tags are trained as they are where those of the training data mark no spans. */
  form(train: TagSurvey): TagForm {
    return train.marksSpans && this.marksSpans ? "trained" : "written";
  }

  #addTokens(line: number, { tokens, withoutPieces }: TokenizedSentence): void {
    this.tokens.add(tokens);
    if (withoutPieces === 0) return;
    this.withoutPieces.words += withoutPieces;
    this.withoutPieces.sentences.add(line);
  }

  #addText({ line, entities = [] }: TaggedExample, tokenized: TokenizedSentence | undefined): void {
    this.isText = true;
    for (const { label } of entities) this.#addEntity(label, line);
    const text = tokenized?.text;
    if (text === undefined) return;
    for (const reason of text.faults) this.faults.push({ line, reason });
    this.#count(line, text.words, text.tags, text.tags);
  }

  #addWords(line: number, words: readonly string[], tags: readonly string[]): void {
    this.detector.add(tags, line);
    for (const { type } of spansOf(tags, SPANS)) this.#addEntity(type, line);
    this.#count(line, words, tags, convertTags(tags, SPANS, SPANS));
  }

  #count(
    line: number,
    words: readonly string[],
    written: readonly string[],
    trained: readonly string[],
  ): void {
    this.words.add(words.length);
    this.wordCount += words.length;
    for (let i = 0; i < words.length; i++) this.counts.add(words[i], written[i], trained[i], line);
    this.baseline?.add(words, written, trained);
  }

  #addEntity(type: string, line: number): void {
    const entry = this.entities.get(type);
    if (entry === undefined) this.entities.set(type, { count: 1, line });
    else entry.count++;
  }

  #addRepeats({ line, text, words = [], tags = [], entities = [] }: TaggedExample): void {
    const key = text?.trim() ?? words.join("\0");
    const spans = entities.map(({ start, end, label }) => `${start} ${end} ${label}`);
    const label = hashText((text === undefined ? tags : spans).join("\0"));
    const first = this.seen.findOrAdd(key, undefined, line, label);
    if (first !== undefined) {
      this.duplicates.add(line, first.line);
      if (first.label !== label) this.conflicts.add(line, first.line);
    }
    const inTrain = this.#train?.find(key, undefined);
    if (inTrain !== undefined) this.inTrain.add(line, inTrain.line);
  }
}
