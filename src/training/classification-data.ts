/** Labelled text, from a file or from memory, to features: read, checked, tokenized and labelled in one pass. */
import { Features, floatsOf, type LabelArray, type Values } from "../tasks/features.ts";
import { Growable } from "../tasks/growable.ts";
import type { ProblemType } from "../tasks/text-classification.ts";
import { type Example, examplesFromRows, type ReadOptions, readExamples } from "../text/data/examples.ts";
import { LabelCollector, lookLikeScores, unknownLabel } from "../text/data/labels.ts";
import { describeLayout } from "../text/data/layout.ts";
import { sniffLayout } from "../text/data/sniff.ts";
import { InputError } from "../util/errors.ts";
import type { RowKeys } from "./choose-rows.ts";
import { type Dataset, type DatasetOptions, keptOf, openInput } from "./dataset.ts";
import type { DataInput, DataOptions, ProblemType as Problem } from "./options.ts";

export interface ClassificationData extends Dataset {
  /** Sorted class names; empty for regression. */
  readonly labels: readonly string[];
  readonly problemType: ProblemType;
}

export interface ClassificationDataOptions extends DatasetOptions {
  problemType?: Problem;
  /** What training found: labels of other rows must be among these. */
  known?: { problemType: ProblemType; labels: readonly string[] };
}

export async function readClassificationData(
  input: DataInput,
  options: ClassificationDataOptions,
): Promise<ClassificationData> {
  const { name, layout, examples: read } = await openExamples(input, readOptions(options));
  const features = new Features(options.tokenizer?.vocabSize ?? 0, options.overflow);
  const labels = new RawLabels(name, options);
  let truncated = 0;
  let pair = false;
  for await (const { text, textPair, label, line } of options.keep ? keptOf(read, options.keep) : read) {
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
  const examples = features.rows;
  return { name, layout, features, examples, pair, problemType, labels: names, truncated, notes: [] };
}

/** Labels of the rows where each has one, so that rows can be shared out by label. */
export async function labelKeys(
  input: DataInput,
  options: Omit<ClassificationDataOptions, "maxSeqLength">,
): Promise<RowKeys> {
  const { name, examples } = await openExamples(input, readOptions(options));
  const labels = new RawLabels(name, options);
  let rows = 0;
  for await (const { label, line } of examples) {
    labels.add(label, line);
    rows++;
  }
  const { problemType, names, array } = labels.finish();
  if (problemType !== "single_label_classification") return { kind: "alike", rows };
  return { kind: "labels", names, of: array.values.subarray(0, rows) };
}

/** Opens a file or takes rows; the layout is told by content. */
export async function openExamples(
  input: DataInput,
  options: ReadOptions & Pick<DatasetOptions, "hash">,
): Promise<{ name: string; layout: string; examples: AsyncIterable<Example> }> {
  const opened = await openInput(input, options.hash);
  const { name } = opened;
  if ("rows" in opened) {
    const layout = typeof input === "string" ? `${name}: Parquet` : name;
    return { name, layout, examples: examplesFromRows(opened.rows, options, name) };
  }
  const layout = await sniffLayout(opened.source, options);
  return {
    name,
    layout: describeLayout(name, layout),
    examples: readExamples(opened.source, options, layout),
  };
}

/** The reader's options; what the labels are is told by the problem type, where it is known. */
export function readOptions(
  options: DataOptions & Pick<ClassificationDataOptions, "problemType" | "known" | "hash">,
): ReadOptions & Pick<DatasetOptions, "hash"> {
  const problem = options.known?.problemType ?? options.problemType;
  const kind = problem === undefined ? "auto" : KIND[problem];
  return { ...options, needs: { label: "required", kind } };
}

const KIND = {
  single_label_classification: "class",
  multi_label_classification: "multi",
  regression: "number",
} as const satisfies Record<ProblemType, ReadOptions["needs"]["kind"]>;

type RawLabelOptions = Omit<ClassificationDataOptions, "maxSeqLength">;

/** Labels as they come, numbered by first sight; what they are is decided once all are known. */
class RawLabels {
  readonly #name: string;
  readonly #options: RawLabelOptions;
  readonly #known: ReadonlyMap<string, number> | undefined;
  readonly #collector = new LabelCollector();
  readonly #ids = new Growable((n) => new Uint32Array(n));
  readonly #ends = new Growable((n) => new Uint32Array(n));
  readonly #texts: string[] = [];
  #several = false;

  constructor(name: string, options: RawLabelOptions) {
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
    const ids = this.#ids.filled;
    if (problemType === "regression") {
      return { problemType, names: [], array: { width: 1, values: mapped(ids, this.#texts.map(Number)) } };
    }
    const { names, order } = this.#names(problemType);
    const width = problemType === "single_label_classification" ? 1 : names.length;
    const values =
      problemType === "single_label_classification"
        ? mapped(ids, order)
        : bits(ids, this.#ends.filled, order);
    return { problemType, names, array: { width, values } };
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
}

/** One number a row, by the label's number: 4 bytes a row, and no copy in floats. */
function mapped(ids: Uint32Array, values: ArrayLike<number>): Values {
  return {
    length: ids.length,
    subarray: (start, end) => floatsOf(ids.subarray(start, end), (id) => values[id]),
  };
}

/** Several labels a row, those of row i before `ends[i]`, as 0 and 1: 4 bytes a label that a row has. */
function bits(ids: Uint32Array, ends: Uint32Array, order: ArrayLike<number>): Values {
  const width = order.length;
  return {
    length: width * ends.length,
    subarray: (start, end) => {
      const values = new Float32Array(end - start);
      const row = start / width;
      for (let i = row === 0 ? 0 : ends[row - 1]; i < ends[row]; i++) values[order[ids[i]]] = 1;
      return values;
    },
  };
}
