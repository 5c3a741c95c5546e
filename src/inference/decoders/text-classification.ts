/** A text or a pair to a label, labels or a number. */
import type { TextClassification } from "../../tasks/text-classification.ts";
import type { Tokenizer } from "../../text/tokenizer/tokenizer.ts";
import type { TextRow } from "../../training/options.ts";
import type { LabelScore, PredictOptions, TextPrediction } from "../options.ts";
import { type Decoder, textField } from "./decoder.ts";

export function textClassificationDecoder(
  task: TextClassification,
  tokenizer: Tokenizer,
  maxSeqLength: number,
): Decoder<"text-classification"> {
  const { labels, problemType } = task.options;
  return {
    labels,
    problemType,
    row: (text, textPair) => ({ text, textPair }),
    encode: (row) => {
      const { textPair } = row as TextRow;
      const window = tokenizer.encodeIds(textField(row, "text"), textPair, { maxLength: maxSeqLength });
      return { windows: [window], decode: ([logits], options) => decode(task, logits, options) };
    },
  };
}

function decode(
  task: TextClassification,
  logits: Float32Array,
  { topK, threshold }: PredictOptions,
): TextPrediction {
  const { problemType, labels, threshold: own } = task.options;
  const scores = task.scores(logits);
  if (problemType === "regression") return { score: scores[0] };
  const ranked = Array.from(scores, (score, i): LabelScore => ({ label: labels[i], score })).sort(
    (a, b) => b.score - a.score,
  );
  if (problemType === "multi_label_classification") {
    return { labels: ranked.filter(({ score }) => score >= (threshold ?? own)) };
  }
  return topK === undefined ? ranked[0] : { top: ranked.slice(0, topK) };
}
