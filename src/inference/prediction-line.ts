/** A prediction as `predict` and predictions.jsonl write it. */
import type { LabelScore, Prediction, PredictionOf, TextPrediction } from "./options.ts";

/** The best label stands beside `top`, where it is without; answers come so. */
export type PredictionLine =
  | Exclude<TextPrediction, { top: LabelScore[] }>
  | (LabelScore & { top: LabelScore[] })
  | PredictionOf["token-classification"]
  | PredictionOf["question-answering"];

export function predictionLine(prediction: Prediction): PredictionLine {
  if (!("top" in prediction) || "answer" in prediction) return prediction;
  return { ...prediction.top[0], top: prediction.top };
}
