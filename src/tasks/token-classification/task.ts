/**
 * Text tagging: dropout and one dense layer shared by all tokens, as transformers' `BertForTokenClassification`. The
 * loss is the cross-entropy of the supervised pieces, divided by their number in the whole step.
 * Letters: T tokens of the batch, C tags.
 */
import { linear } from "../../model/layers.ts";
import { crossEntropy } from "../../model/losses.ts";
import { entities } from "../../text/metrics/entities.ts";
import { tags } from "../../text/metrics/tags.ts";
import type { TagScheme } from "../../text/tags/schemes.ts";
import type { Features } from "../features.ts";
import { crossEntropyAt, type RowLoss } from "../row-loss.ts";
import { type SoftTargets, softTargets, type TargetOptions } from "../soft-targets.ts";
import type { Evaluation, Task, TaskData } from "../task.ts";
import { bestTags } from "./decode.ts";

export interface TokenClassificationOptions {
  /** Tags in the order of the logits: IOB2 where they mark spans. */
  labels: readonly string[];
  /** How the training file marked spans; predictions are given back in it. */
  scheme: TagScheme;
  /** All pieces of a word carry its tag, not the first alone. Default false. */
  labelAllPieces?: boolean;
}

export interface TokenClassification extends Task<TaggingData> {
  readonly options: Required<TokenClassificationOptions>;
}

/**
 * Sentences as windows, with what each word should be. Words are numbered through all sentences. Of rows that are only
 * trained on, `words` is empty.
 */
export interface TaggingData extends TaskData {
  /** A token of each row in order: the word that it predicts, -1 for none. */
  readonly words: Int32Array;
  /** A sentence: the number of the word after its last. */
  readonly sentenceEnds: Uint32Array;
  /** A word: the number of its tag in `names`. */
  readonly references: Uint16Array;
  /** The model's labels, and after them tags that it does not have. */
  readonly names: readonly string[];
}

/** `targets`: of training. */
export function tokenClassification(
  given: TokenClassificationOptions,
  targets: TargetOptions = {},
): TokenClassification {
  const { labels, scheme, labelAllPieces = false } = given;
  const options = { labels, scheme, labelAllPieces };
  const count = labels.length;
  const soft = softTargets(targets);
  return {
    tag: "token-classification",
    architecture: "BertForTokenClassification",
    reads: "all",
    logitsDims: ["T", count],
    targets: { targets: ["T", count] },
    labelWidth: "tokens",
    options,
    bestMetric: scheme === "none" ? "accuracy" : "f1",
    head: (p, { hidden }, config, dropout) => {
      const probability = config.classifier_dropout ?? config.hidden_dropout_prob;
      return linear(p.at("classifier"), dropout.apply("hidden", hidden, probability), count); // [T, C]
    },
    loss: (logits, { targets }) => crossEntropy(logits, targets),
    lossCount: (features, rows) => supervised(features, rows, soft),
    rowLoss: (features, row, logits) => rowLoss(features.label(row), logits, count),
    writeTargets: (features, rows, { targets }) => writeTargets(features, rows, targets, { count, soft }),
    trivialAnswer: ({ features }) => {
      const commonest = commonestLabel(features, count);
      return (length) => {
        const logits = new Float32Array(length * count);
        for (let t = commonest; t < logits.length; t += count) logits[t] = 1;
        return logits;
      };
    },
    evaluation: (data) => evaluation(options, data),
    configFields: () => configFields(options),
  };
}

/** The weights of the tokens that have a label. */
function supervised(features: Features, rows: ArrayLike<number>, soft: SoftTargets): number {
  let sum = 0;
  for (let b = 0; b < rows.length; b++) {
    for (const label of features.label(rows[b])) if (label >= 0) sum += soft.weight(label);
  }
  return sum;
}

/** Of the tokens that have a label; `logits [n, C]`. */
function rowLoss(labels: Float32Array, logits: Float32Array, count: number): RowLoss {
  const loss: RowLoss = { sum: 0, count: 0 };
  labels.forEach((label, t) => {
    if (label < 0) return;
    loss.sum += crossEntropyAt(logits.subarray(t * count, (t + 1) * count), label);
    loss.count++;
  });
  return loss;
}

/** `targets [T, C]`: zeros where a token is not supervised. */
function writeTargets(
  features: Features,
  rows: ArrayLike<number>,
  targets: Float32Array,
  { count, soft }: { count: number; soft: SoftTargets },
): void {
  targets.fill(0);
  let t = 0;
  for (let b = 0; b < rows.length; b++) {
    for (const label of features.label(rows[b])) {
      if (label >= 0) soft.write(label, targets.subarray(t * count, (t + 1) * count));
      t++;
    }
  }
}

function commonestLabel(features: Features, count: number): number {
  const seen = new Uint32Array(count);
  for (let row = 0; row < features.rows; row++) for (const label of features.label(row)) seen[label]++;
  return seen.indexOf(Math.max(...seen));
}

/** The tag that says nothing: that of a word that no window predicts and no span goes on over. */
export function silentLabel(labels: readonly string[]): number {
  return Math.max(0, labels.indexOf("O"));
}

function evaluation({ labels, scheme }: Required<TokenClassificationOptions>, data: TaggingData): Evaluation {
  const { references, names, sentenceEnds } = data;
  const predictions = new Int32Array(references.length).fill(silentLabel(labels));
  const forEachSentence = (update: (predicted: string[], reference: string[]) => void) => {
    let start = 0;
    for (const end of sentenceEnds) {
      const named = (values: Int32Array | Uint16Array) =>
        Array.from(values.subarray(start, end), (tag) => names[tag]);
      update(named(predictions), named(references));
      start = end;
    }
  };
  return {
    update: collectSentences(data, labels.length, (windows) => {
      predictWords(windows, labels, (word, tag) => {
        predictions[word] = tag;
      });
    }),
    compute: () => {
      const metric = scheme === "none" ? tags({ labels }) : entities({ mode: "default" });
      forEachSentence(metric.update);
      return metric.compute();
    },
    details: () => {
      const words = tags({ labels });
      forEachSentence(words.update);
      const { tags: names, counts } = words.confusion();
      const spans = entities({ mode: "default" });
      if (scheme !== "none") forEachSentence(spans.update);
      const perLabel = scheme === "none" ? words.perTag() : spans.perType();
      return { perLabel, confusion: { labels: names, counts } };
    },
  };
}

/** Rows in any order: a sentence's windows are kept until the last of them is there. */
function collectSentences(
  { features, words, sentenceEnds }: TaggingData,
  count: number,
  onSentence: (windows: readonly WordScores[]) => void,
): Evaluation["update"] {
  const wordsOfRow = (row: number) =>
    words.subarray(features.start(row), features.start(row) + features.length(row));
  const sentenceOf = Uint32Array.from({ length: features.rows }, (_, row) => {
    const first = wordsOfRow(row).find((word) => word >= 0) ?? 0;
    return firstAbove(sentenceEnds, first);
  });
  const left = new Uint32Array(sentenceEnds.length);
  for (const sentence of sentenceOf) left[sentence]++;
  const open = new Map<number, WordScores[]>();
  return (row, logits) => {
    const sentence = sentenceOf[row];
    const windows = open.get(sentence) ?? [];
    windows.push(wordScores(wordsOfRow(row), logits, count));
    open.set(sentence, windows);
    if (--left[sentence] > 0) return;
    open.delete(sentence);
    onSentence(windows.sort((a, b) => a.words[0] - b.words[0]));
  };
}

/** The place of the first of the ascending `values` that is above `value`, by bisection. */
function firstAbove(values: Uint32Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The words that a window predicts, in order, and their logits, flat `[words, C]`. */
export interface WordScores {
  readonly words: Int32Array;
  readonly scores: Float32Array;
}

/** A copy of the logits `[n, C]` of those tokens that predict a word; `tokens`: the word of each, -1 for none. */
export function wordScores(tokens: Int32Array, logits: Float32Array, count: number): WordScores {
  const places = [...tokens.keys()].filter((t) => tokens[t] >= 0);
  const scores = new Float32Array(places.length * count);
  places.forEach((t, i) => {
    scores.set(logits.subarray(t * count, (t + 1) * count), i * count);
  });
  return { words: tokens.filter((word) => word >= 0), scores };
}

/**
 * Calls `onWord(word, tag, logits)` for each word that a sentence's windows, in order, predict: the best sequence of
 * tags that IOB2 allows, over all windows, as a span may begin in one and go on in the next. A word that no window
 * predicts stands in nobody's way: a span goes on over it, and it is called with the word after it.
 */
export function predictWords(
  windows: readonly WordScores[],
  labels: readonly string[],
  onWord: (word: number, tag: number, logits: Float32Array) => void,
): void {
  const count = labels.length;
  const scores = new Float32Array(windows.reduce((sum, window) => sum + window.scores.length, 0));
  let end = 0;
  for (const window of windows) {
    scores.set(window.scores, end);
    end += window.scores.length;
  }
  const words = windows.flatMap((window) => [...window.words]);
  const best = bestTags(scores, labels);
  best.forEach((tag, i) => {
    const inSpan = i > 0 && goesOn(labels[best[i - 1]], labels[tag]);
    const first = inSpan ? words[i - 1] + 1 : words[i];
    for (let word = first; word <= words[i]; word++) {
      onWord(word, tag, scores.subarray(i * count, (i + 1) * count));
    }
  });
}

/** Whether `tag` goes on with the span of the tag before it. */
function goesOn(before: string, tag: string): boolean {
  return /^I(-|$)/.test(tag) && (before === tag || before === `B${tag.slice(1)}`);
}

function configFields({ labels, scheme, labelAllPieces }: Required<TokenClassificationOptions>) {
  return {
    id2label: Object.fromEntries(labels.map((name, i) => [String(i), name])),
    label2id: Object.fromEntries(labels.map((name, i) => [name, i])),
    num_labels: labels.length,
    bertwright: { task: "token-classification", tag_scheme: scheme, label_all_pieces: labelAllPieces },
  };
}
