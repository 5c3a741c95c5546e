/**
 * Tagged sentences to features: words to pieces in windows, tags to one form. The scheme of the tags is told once all
 * sentences are there, so tags are kept as the file has them until then.
 */
import { Column } from "../tasks/column.ts";
import { Features } from "../tasks/features.ts";
import { Growable } from "../tasks/growable.ts";
import { describeFault, tagText } from "../tasks/token-classification/tag-text.ts";
import type {
  TaggingData as TaggedFeatures,
  TokenClassificationOptions,
} from "../tasks/token-classification/task.ts";
import { type EncodedSentence, encodeText, encodeWords } from "../tasks/token-classification/windows.ts";
import { show, showList } from "../text/data/show.ts";
import {
  describeTagging,
  readParallel,
  readTagged,
  sniffTagging,
  type TaggedExample,
  type TaggingReadOptions,
  taggedFromRows,
} from "../text/data/tagging/tagging.ts";
import { SchemeDetector, type SchemeReport, type TagScheme } from "../text/tags/schemes.ts";
import { InputError } from "../util/errors.ts";
import type { RowKeys } from "./choose-rows.ts";
import { type Dataset, type DatasetOptions, keptOf, openBytes, openInput } from "./dataset.ts";
import type { DataInput } from "./options.ts";
import { isHarmless, MOST_TAGS, numberTags, supervision, tokenLabels } from "./tag-labels.ts";
import { type FaultOfFile, manyTags, spanFaults, tagErrors } from "./tagging-errors.ts";

export interface TaggingData extends Dataset, TaggedFeatures {
  /** How the file marks spans. */
  readonly scheme: TagScheme;
}

export interface TaggingDataOptions extends DatasetOptions {
  /** A second file with the tags, a sentence a line as in the first. */
  tags?: string;
  /** Tokens that neighbouring windows share; default a quarter of `maxSeqLength`. */
  docStride?: number;
  labelAllPieces?: boolean;
  allowTagErrors?: boolean;
  /** What training found. Tags that it does not have are kept, and count as wrong. */
  known?: Pick<TokenClassificationOptions, "labels" | "scheme">;
}

export async function readTaggingData(input: DataInput, options: TaggingDataOptions): Promise<TaggingData> {
  const { name, layout, examples } = await openTagged(input, options);
  const sentences = new Sentences(name, options);
  for await (const example of options.keep ? keptOf(examples, options.keep) : examples) {
    sentences.add(example);
    if (sentences.count % 1024 === 0) options.signal?.throwIfAborted();
  }
  return { name, layout, ...sentences.finish() };
}

/** Sentences are shared out by chance. */
export async function sentenceKeys(
  input: DataInput,
  options: Omit<TaggingDataOptions, "maxSeqLength">,
): Promise<RowKeys> {
  const { examples } = await openTagged(input, options);
  let rows = 0;
  for await (const _ of examples) rows++;
  return { kind: "alike", rows };
}

/** Opens a file, two files, or rows; the layout is told by content. */
export async function openTagged(
  input: DataInput,
  {
    tags,
    hash,
    tagsHash,
    ...options
  }: Omit<TaggingReadOptions, "needs"> &
    Pick<DatasetOptions, "hash" | "tagsHash"> & { tags?: string; optional?: boolean },
): Promise<{ name: string; layout: string; examples: AsyncIterable<TaggedExample> }> {
  const read: TaggingReadOptions = {
    ...options,
    needs: { tags: options.optional ? "optional" : "required" },
  };
  const opened = await openInput(input, hash);
  const { name } = opened;
  if (tags !== undefined) {
    if ("rows" in opened) throw new InputError(`${tags}: tags in a second file need words in a first one.`);
    const layout = `${name}: a sentence a line, tags in ${tags}`;
    return { name, layout, examples: readParallel(opened.source, await openBytes(tags, tagsHash), read) };
  }
  if ("rows" in opened) {
    const layout = typeof input === "string" ? `${name}: Parquet` : name;
    const { rows, offsets } = opened;
    return { name, layout, examples: taggedFromRows(rows, { ...read, offsets }, name) };
  }
  const layout = await sniffTagging(opened.source, read);
  return { name, layout: describeTagging(name, layout), examples: readTagged(opened.source, read, layout) };
}

class Sentences {
  readonly #name: string;
  readonly #options: TaggingDataOptions;
  readonly #features: Features;
  readonly #detector = new SchemeDetector();
  /** Tags as written, numbered by first sight. */
  readonly #tags = new Map<string, number>();
  readonly #written = new Growable((n) => new Uint16Array(n));
  readonly #ends = new Growable((n) => new Uint32Array(n));
  /** A token: the word that it predicts, -1 for none. */
  readonly #words = new Growable((n) => new Int32Array(n));
  /** A token: see `supervision`. */
  readonly #supervised: Column<Uint32Array>;
  readonly #faults: FaultOfFile[] = [];
  #withoutPieces = 0;
  #split = 0;

  constructor(name: string, options: TaggingDataOptions) {
    this.#name = name;
    this.#options = options;
    this.#features = new Features(options.tokenizer?.vocabSize ?? 0, options.overflow);
    this.#supervised = new Column((n) => new Uint32Array(n), options.overflow);
  }

  get count(): number {
    return this.#ends.length;
  }

  add(example: TaggedExample): void {
    const { line, tags } =
      example.text === undefined ? this.#addWords(example) : this.#addText(example, example.text);
    this.#detector.add(tags, line);
    for (const tag of tags) {
      const id = this.#tags.get(tag) ?? this.#tags.size;
      this.#tags.set(tag, id);
      this.#written.push(id);
    }
    if (this.#tags.size > MOST_TAGS) throw manyTags(this.#name, line);
    this.#ends.push(this.#written.length);
  }

  finish(): Omit<TaggingData, "name" | "layout"> {
    if (this.#faults.length > 0) throw spanFaults(this.#name, this.#faults);
    const report = this.#detector.finish();
    const scheme = this.#scheme(report);
    const written = { tags: [...this.#tags.keys()], words: this.#written.filled, ends: this.#ends.filled };
    const { references, names, labels } = numberTags(written, scheme, this.#options.known?.labels);
    const { tokenizer, known } = this.#options;
    if (tokenizer && !known && this.#features.rows === 0) {
      throw new InputError(`${this.#name}: the tokenizer leaves nothing of any word.`);
    }
    if (!known && labels.length === 1) {
      throw new InputError(
        `${this.#name}: every word has the tag ${show(labels[0])}; a tagger needs at least two.\nIs this the right --tag-column?`,
      );
    }
    if (tokenizer) {
      const values = tokenLabels(this.#supervised, references, labels);
      this.#features.setLabels({ width: "tokens", values });
    }
    return {
      features: this.#features,
      examples: this.count,
      pair: false,
      labels,
      truncated: 0,
      notes: this.#notes(names.slice(labels.length)),
      scheme,
      words: this.#words.filled,
      sentenceEnds: this.#ends.filled,
      references,
      names,
    };
  }

  #addWords({ line, words = [], tags = [] }: TaggedExample): { line: number; tags: readonly string[] } {
    const { tokenizer } = this.#options;
    if (tokenizer) this.#addWindows(encodeWords(tokenizer, words, this.#windowOptions()));
    return { line, tags };
  }

  /** Words of a plain text are the tokenizer's: without one, only what the file says is checked. */
  #addText({ line, entities = [] }: TaggedExample, text: string): { line: number; tags: readonly string[] } {
    const { tokenizer } = this.#options;
    if (!tokenizer) return { line, tags: entities.flatMap(({ label }) => [`B-${label}`, "O"]) };
    const encoded = encodeText(tokenizer, text, this.#windowOptions());
    this.#addWindows(encoded);
    const { tags, faults } = tagText(encoded.offsets, entities);
    for (const fault of faults) {
      const { start, end } = entities[fault.entity];
      const told = describeFault(text, encoded.offsets, { start, end }, fault);
      this.#faults.push({ line, text: text.slice(start, end), fault: told });
    }
    return { line, tags };
  }

  #windowOptions() {
    const { maxSeqLength, docStride } = this.#options;
    return { maxSeqLength, stride: docStride };
  }

  #addWindows({ windows, withoutPieces }: EncodedSentence): void {
    const start = this.#written.length;
    this.#withoutPieces += withoutPieces.length;
    if (windows.length > 1) this.#split++;
    const { labelAllPieces, trainingOnly } = this.#options;
    for (const { inputIds, firstPieces, pieces } of windows) {
      this.#features.add(inputIds, inputIds.length);
      const supervised = labelAllPieces ? pieces : firstPieces;
      this.#supervised.append(
        supervised.map((word, t) => {
          if (word < 0) return supervision.none;
          return firstPieces[t] < 0 ? supervision.later(start + word) : supervision.first(start + word);
        }),
      );
      if (!trainingOnly) this.#words.append(firstPieces.map((word) => (word < 0 ? -1 : start + word)));
    }
  }

  /** Mistakes that leave a choice are refused, since a reading that a person did not choose would be a guess. */
  #scheme(report: SchemeReport): TagScheme {
    const { known, allowTagErrors } = this.#options;
    if (known?.scheme === "none") return "none";
    const harmless = isHarmless(report.scheme, this.#tags.keys());
    if (report.violations.count > 0 && !allowTagErrors && !harmless) throw tagErrors(this.#name, report);
    return report.scheme;
  }

  #notes(unknown: readonly string[]): string[] {
    const { maxSeqLength } = this.#options;
    return [
      ...(this.#split === 0
        ? []
        : [`${this.#split} longer than ${maxSeqLength} tokens, read in overlapping windows`]),
      ...(this.#withoutPieces === 0
        ? []
        : [`${this.#withoutPieces} words that the tokenizer leaves nothing of`]),
      ...(unknown.length === 0
        ? []
        : [`tags that the model does not have count as wrong: ${showList(unknown, 5)}`]),
    ];
  }
}
