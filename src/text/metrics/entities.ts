/**
 * Scores of entity spans, as CoNLL-2003 defines them (Tjong Kim Sang and De Meulder 2003): an entity is right where its
 * type and both its ends are. Equal to seqeval 1.2.2 in its default and strict modes.
 */
import type { SpanScheme, TagSpan } from "../tags/schemes.ts";
import { spansOf, strictSpansOf } from "../tags/schemes.ts";
import type { Metric } from "./metric.ts";
import { ratio } from "./metric.ts";
import type { NamedScores } from "./named-counts.ts";
import { countsOf, namedScores } from "./named-counts.ts";
import type { Counts, Scores } from "./scores.ts";
import { macroAverage, microAverage, weightedAverage } from "./scores.ts";

/** `default` reads spans as conlleval does, whatever the scheme; `strict` only those that keep the scheme's rules. */
export type EntitiesOptions = { mode: "default" } | { mode: "strict"; scheme: SpanScheme };

export interface EntityCounts {
  words: number;
  /** Words whose tag is right, O included. */
  rightWords: number;
  /** By type, in the order in which they turned up. */
  types: ReadonlyMap<string, Readonly<Counts>>;
}

export interface EntitiesMetric extends Metric<readonly string[], readonly string[]> {
  /** All counts so far. */
  counts(): EntityCounts;
  /** Scores of each type that was predicted or is in the references, sorted by its name. */
  perType(): NamedScores[];
  /** The averages over these types. */
  averages(): { macro: Scores; micro: Scores; weighted: Scores };
}

/**
 * `precision`, `recall` and `f1` of all entities together (micro); `macro_precision`, `macro_recall`, `macro_f1` and
 * `weighted_f1` over types; `accuracy` over words. Prediction and reference are a sentence's tags, one a word.
 */
export function entities(options: EntitiesOptions): EntitiesMetric {
  const read =
    options.mode === "strict" ? strictly(options.scheme) : (tags: readonly string[]) => spansOf(tags);
  const types = new Map<string, Counts>();
  let words = 0;
  let rightWords = 0;

  return {
    update(prediction, reference) {
      checkLengths(prediction, reference);
      const [predicted, wanted] = [distinct(read(prediction)), distinct(read(reference))];
      words += reference.length;
      rightWords += reference.filter((tag, i) => tag === prediction[i]).length;
      countSpans(types, predicted, wanted);
    },
    merge(other) {
      const added = other.counts();
      words += added.words;
      rightWords += added.rightWords;
      for (const [type, counts] of added.types) addCounts(countsOf(types, type), counts);
    },
    counts: () => ({
      words,
      rightWords,
      types: new Map([...types].map(([type, own]) => [type, { ...own }])),
    }),
    perType: () => namedScores(types),
    averages: () => averagesOf([...types.values()]),
    compute: () => entityMetrics({ words, rightWords, types }),
  };
}

/** The values of `compute` for these counts. A type that was neither predicted nor is in the references takes no part. */
export function entityMetrics({ words, rightWords, types }: EntityCounts): Record<string, number> {
  const { macro, micro, weighted } = averagesOf([...types.values()]);
  return {
    precision: micro.precision,
    recall: micro.recall,
    f1: micro.f1,
    accuracy: ratio(rightWords, words),
    macro_precision: macro.precision,
    macro_recall: macro.recall,
    macro_f1: macro.f1,
    weighted_f1: weighted.f1,
  };
}

function averagesOf(types: readonly Counts[]): { macro: Scores; micro: Scores; weighted: Scores } {
  const counts = types.filter(({ predicted, support }) => predicted + support > 0);
  return { macro: macroAverage(counts), micro: microAverage(counts), weighted: weightedAverage(counts) };
}

function strictly(scheme: SpanScheme): (tags: readonly string[]) => TagSpan[] {
  return (tags) => strictSpansOf(tags, scheme);
}

function checkLengths(prediction: readonly string[], reference: readonly string[]): void {
  if (prediction.length !== reference.length) {
    throw new RangeError(
      `entities: expected ${reference.length} tags, one a word of the reference, got ${prediction.length}`,
    );
  }
}

/** By a key that is the same for the same span of a sentence: seqeval takes spans as sets. */
function distinct(spans: readonly TagSpan[]): Map<string, TagSpan> {
  return new Map(spans.map((span) => [`${span.start} ${span.end} ${span.type}`, span]));
}

function countSpans(
  types: Map<string, Counts>,
  predicted: ReadonlyMap<string, TagSpan>,
  wanted: ReadonlyMap<string, TagSpan>,
): void {
  for (const { type } of predicted.values()) countsOf(types, type).predicted++;
  for (const [key, { type }] of wanted) {
    const counts = countsOf(types, type);
    counts.support++;
    if (predicted.has(key)) counts.truePositives++;
  }
}

function addCounts(target: Counts, { truePositives, predicted, support }: Readonly<Counts>): void {
  target.truePositives += truePositives;
  target.predicted += predicted;
  target.support += support;
}
