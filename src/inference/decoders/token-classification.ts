/** A plain text or split words to a tag a word, and to entities. */
import { aggregate, tokenScores } from "../../tasks/token-classification/aggregate.ts";
import { entitiesOf } from "../../tasks/token-classification/entities.ts";
import {
  predictWords,
  silentLabel,
  type TokenClassification,
  wordScores,
} from "../../tasks/token-classification/task.ts";
import {
  type EncodedSentence,
  encodeText,
  encodeWords,
  type WindowOptions,
} from "../../tasks/token-classification/windows.ts";
import { convertTags } from "../../text/tags/schemes.ts";
import type { Tokenizer } from "../../text/tokenizer/tokenizer.ts";
import type { Row, WordsRow } from "../../training/options.ts";
import type { WindowSettings } from "../../training/window-settings.ts";
import { InputError, UsageError } from "../../util/errors.ts";
import type { EntityPrediction, PredictOptions, TaggingPrediction, WordPrediction } from "../options.ts";
import { type Decoder, textField } from "./decoder.ts";

export function tokenClassificationDecoder(
  task: TokenClassification,
  tokenizer: Tokenizer,
  windows: WindowSettings,
): Decoder<"token-classification"> {
  return {
    labels: task.options.labels,
    row: (text, second) => {
      if (second === undefined) return { text };
      throw new UsageError("tagging is of one text; a second one has no meaning.");
    },
    encode: (row) => {
      const sentence = encodeRow(row, tokenizer, {
        maxSeqLength: windows.maxSeqLength,
        stride: windows.docStride,
      });
      return {
        windows: sentence.windows.map(({ inputIds }) => ({ inputIds, firstLength: inputIds.length })),
        decode: (logits, options) => decode(task, sentence, logits, options),
      };
    },
  };
}

/** A sentence in windows, its text, and `[start, end)` of each word in it. */
interface Sentence extends EncodedSentence {
  readonly text: string;
  readonly offsets: Int32Array;
  /** Whether words are those of the caller. */
  readonly isSplit: boolean;
}

/** Split words are predicted as they are; their text is the words with a space between. */
function encodeRow(row: Row, tokenizer: Tokenizer, options: WindowOptions): Sentence {
  const { tokens } = row as Partial<WordsRow>;
  if (tokens === undefined) {
    const text = textField(row, "text");
    return { ...encodeText(tokenizer, text, options), text, isSplit: false };
  }
  if (!Array.isArray(tokens) || !tokens.every((word) => typeof word === "string")) {
    throw new InputError(
      `a row to predict has tokens that are no list of words: ${JSON.stringify(tokens)?.slice(0, 100)}.`,
    );
  }
  const offsets = new Int32Array(2 * tokens.length);
  let start = 0;
  tokens.forEach((word, i) => {
    offsets[2 * i] = start;
    offsets[2 * i + 1] = start + word.length;
    start += word.length + 1;
  });
  const text = tokens.join(" ");
  return { ...encodeWords(tokenizer, tokens, options), offsets, text, isSplit: true };
}

function decode(
  task: TokenClassification,
  sentence: Sentence,
  logits: readonly Float32Array[],
  { aggregation }: PredictOptions,
): TaggingPrediction {
  const { labels, scheme } = task.options;
  const { tags, scores } = tagWords(sentence, logits, labels);
  const entities = aggregation
    ? aggregated(sentence, logits, labels, aggregation)
    : scheme === "none"
      ? []
      : entitiesOf(tags, scores).map(({ start, end, ...entity }) => placed(sentence, entity, start, end));
  const { text, offsets } = sentence;
  const words = convertTags(tags, scheme === "none" ? "none" : "IOB2", scheme).map(
    (tag, i): WordPrediction => {
      const [start, end] = [offsets[2 * i], offsets[2 * i + 1]];
      return { word: text.slice(start, end), tag, score: scores[i], start, end };
    },
  );
  return { words, entities };
}

/**
 * A tag a word and its probability; a word of which the tokenizer leaves nothing has the tag that says nothing, or goes
 * on with the span that it stands in.
 */
function tagWords({ windows, words }: Sentence, logits: readonly Float32Array[], labels: readonly string[]) {
  const tags = new Array<string>(words).fill(labels[silentLabel(labels)]);
  const scores = new Array<number>(words).fill(1);
  const byWindow = windows.map(({ firstPieces }, i) => wordScores(firstPieces, logits[i], labels.length));
  predictWords(byWindow, labels, (word, tag, values) => {
    tags[word] = labels[tag];
    scores[word] = probabilityOf(tag, values);
  });
  return { tags, scores };
}

function placed(
  { text, offsets }: Sentence,
  { label, score }: { label: string; score: number },
  firstWord: number,
  endWord: number,
): EntityPrediction {
  const [start, end] = [offsets[2 * firstWord], offsets[2 * endWord - 1]];
  return { label, score, text: text.slice(start, end), start, end };
}

function aggregated(
  sentence: Sentence,
  logits: readonly Float32Array[],
  labels: readonly string[],
  how: NonNullable<PredictOptions["aggregation"]>,
): EntityPrediction[] {
  if (sentence.isSplit) {
    throw new UsageError("aggregation is for plain text; words that are split already have a tag each.", [
      "aggregation",
    ]);
  }
  const probabilities = logits.map((values) => {
    const result = new Float32Array(values.length);
    for (let t = 0; t < values.length; t += labels.length) {
      result.set(softmax(values.subarray(t, t + labels.length)), t);
    }
    return result;
  });
  return aggregate(tokenScores(sentence, probabilities), labels, sentence.text, how);
}

/** `softmax(logits)[tag]` for a call a word: it makes no arrays. */
function probabilityOf(tag: number, logits: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i] - logits[tag]);
  return 1 / sum;
}

function softmax(logits: Float32Array): Float32Array {
  const top = logits.reduce((a, b) => Math.max(a, b));
  const exponentials = logits.map((x) => Math.exp(x - top));
  const sum = exponentials.reduce((a, b) => a + b);
  return exponentials.map((x) => x / sum);
}
