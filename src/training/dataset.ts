/** Labelled text, from a file or from memory, to features: read, checked, tokenized and labelled in one pass. */
import { openSource } from "../files/source.ts";
import { Features, Growable, type LabelArray } from "../tasks/features.ts";
import type { ProblemType } from "../tasks/text-classification.ts";
import { type Example, examplesFromRows, type ReadOptions, readExamples } from "../text/data/examples.ts";
import { LabelCollector, lookLikeScores, unknownLabel } from "../text/data/labels.ts";
import { describeLayout } from "../text/data/layout.ts";
import { sniffLayout } from "../text/data/sniff.ts";
import { type ByteSource, rereadable } from "../text/data/source.ts";
import type { Tokenizer } from "../text/tokenizer/tokenizer.ts";
import { InputError } from "../util/errors.ts";
import type { DataInput, DataOptions, ProblemType as Problem } from "./options.ts";

export interface Dataset {
  /** The file, or `rows in memory`. */
  readonly name: string;
  /** How it was read, for people. */
  readonly layout: string;
  readonly features: Features;
  /** Whether rows are pairs of texts. */
  readonly pair: boolean;
  readonly problemType: ProblemType;
  /** Sorted class names; empty for regression. */
  readonly labels: readonly string[];
  /** Rows that were cut. */
  readonly truncated: number;
}

export interface DatasetOptions extends DataOptions {
  problemType?: Problem;
  /** Without one the data is read and checked, and the features stay empty. */
  tokenizer?: Tokenizer;
  maxSeqLength: number;
  /** What training found: labels of other rows must be among these. */
  known?: { problemType: ProblemType; labels: readonly string[] };
  signal?: AbortSignal;
}

export async function readDataset(input: DataInput, options: DatasetOptions): Promise<Dataset> {
  const { name, layout, examples } = await openExamples(input, readOptions(options));
  const features = new Features(options.tokenizer?.vocabSize ?? 0);
  const labels = new RawLabels(name, options);
  let truncated = 0;
  let pair = false;
  for await (const { text, textPair, label, line } of examples) {
    labels.add(label, line);
    pair ||= textPair !== undefined;
    if (!options.tokenizer) continue;
    const encoded = options.tokenizer.encodeIds(text, textPair, { maxLength: options.maxSeqLength });
    features.add(encoded.inputIds, encoded.firstLength);
    if (encoded.truncated) truncated += 1;
    if (features.rows % 1024 === 0) options.signal?.throwIfAborted();
  }
  const { problemType, names, array } = labels.finish();
  if (options.tokenizer) features.setLabels(array);
  return { name, layout, features, pair, problemType, labels: names, truncated };
}

/** Opens a file or takes rows; the layout is told by content. */
export async function openExamples(
  input: DataInput,
  options: ReadOptions,
): Promise<{ name: string; layout: string; examples: AsyncIterable<Example> }> {
  if (typeof input !== "string") {
    const name = "rows in memory";
    return { name, layout: name, examples: examplesFromRows(input, options, name) };
  }
  const opened = await openSource(input);
  const source = isPipe(opened) ? rereadable(opened) : opened;
  const layout = await sniffLayout(source, options);
  return {
    name: input,
    layout: describeLayout(input, layout),
    examples: readExamples(source, options, layout),
  };
}

/** Whether the same rows come again when they are read again: not from a pipe, not from an iterator. */
export async function isRepeatable(input: DataInput): Promise<boolean> {
  return typeof input === "string" ? !isPipe(await openSource(input)) : Array.isArray(input);
}

function isPipe({ size }: ByteSource): boolean {
  return size === undefined;
}

/** The reader's options; what the labels are is told by the problem type, where it is known. */
export function readOptions(
  options: DataOptions & Pick<DatasetOptions, "problemType" | "known">,
): ReadOptions {
  const problem = options.known?.problemType ?? options.problemType;
  const kind = problem === undefined ? "auto" : KIND[problem];
  return { ...options, needs: { label: "required", kind } };
}

const KIND = {
  single_label_classification: "class",
  multi_label_classification: "multi",
  regression: "number",
} as const satisfies Record<ProblemType, ReadOptions["needs"]["kind"]>;

/** Labels as they come, numbered by first sight; what they are is decided once all are known. */
class RawLabels {
  readonly #name: string;
  readonly #options: DatasetOptions;
  readonly #known: ReadonlyMap<string, number> | undefined;
  readonly #collector = new LabelCollector();
  readonly #ids = new Growable((n) => new Uint32Array(n));
  readonly #ends = new Growable((n) => new Uint32Array(n));
  readonly #texts: string[] = [];
  #several = false;

  constructor(name: string, options: DatasetOptions) {
    this.#name = name;
    this.#options = options;
    const { known } = options;
    this.#known =
      known && known.problemType !== "regression"
        ? new Map(known.labels.map((label, i) => [label, i]))
        : undefined;
  }

  add(label: string | string[] | undefined, line: number): void {
    if (label === undefined) throw new InputError(`${this.#name}:${line}: the row has no label.`);
    if (Array.isArray(label)) this.#several = true;
    for (const one of Array.isArray(label) ? label : [label]) this.#ids.push(this.#number(one, line));
    this.#ends.push(this.#ids.length);
  }

  finish(): { problemType: ProblemType; names: readonly string[]; array: LabelArray } {
    const problemType = this.#problemType();
    if (problemType === "regression") {
      const values = this.#texts.map(Number);
      return { problemType, names: [], array: { width: 1, values: this.#map((id) => values[id]) } };
    }
    const { names, order } = this.#names(problemType);
    if (problemType === "single_label_classification") {
      return { problemType, names, array: { width: 1, values: this.#map((id) => order[id]) } };
    }
    return { problemType, names, array: { width: names.length, values: this.#bits(names.length, order) } };
  }

  #number(label: string, line: number): number {
    if (this.#known) {
      const id = this.#known.get(label);
      if (id === undefined) throw unknownLabel(label, { name: this.#name, line }, [...this.#known.keys()]);
      return id;
    }
    const id = this.#collector.add(label, line);
    if (id === this.#texts.length) this.#texts.push(label);
    return id;
  }

  #problemType(): ProblemType {
    const { known, problemType } = this.#options;
    if (known) return known.problemType;
    if (problemType) return problemType;
    if (this.#several) return "multi_label_classification";
    return lookLikeScores(this.#texts) ? "regression" : "single_label_classification";
  }

  #names(problemType: ProblemType): { names: readonly string[]; order: ArrayLike<number> } {
    const { known, allowSimilarLabels } = this.#options;
    if (known) return { names: known.labels, order: known.labels.map((_, i) => i) };
    const multi = problemType === "multi_label_classification";
    const set = this.#collector.finish({ name: this.#name, multi, allowSimilarLabels });
    return { names: set.labels, order: set.order };
  }

  #map(value: (id: number) => number): Float32Array {
    return Float32Array.from({ length: this.#ids.length }, (_, i) => value(this.#ids.array[i]));
  }

  #bits(width: number, order: ArrayLike<number>): Float32Array {
    const values = new Float32Array(this.#ends.length * width);
    let i = 0;
    for (let row = 0; row < this.#ends.length; row++) {
      for (; i < this.#ends.array[row]; i++) values[row * width + order[this.#ids.array[i]]] = 1;
    }
    return values;
  }
}
