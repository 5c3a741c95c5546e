/**
 * Prediction files in SQuAD's format, which the official scripts score: predictions.json, nbest_predictions.json and,
 * where questions may have no answer, null_odds.json, laid out as transformers' utils_qa.py writes them.
 */
import type { Answers, RankedAnswer } from "./answers.ts";

/** Text to append to each file. */
export interface PredictionText {
  "predictions.json": string;
  "nbest_predictions.json": string;
  /** Empty where the answers come without `scoreDiff`: no such file then. */
  "null_odds.json": string;
}

/** The files' text question by question, in the order given, so that no file is held in memory. */
export class PredictionFiles {
  readonly #answers = new JsonObjectText();
  readonly #nBest = new JsonObjectText();
  readonly #nullOdds = new JsonObjectText();

  add(id: string, { best, nBest, scoreDiff }: Answers): PredictionText {
    return {
      "predictions.json": this.#answers.entry(id, best.answer),
      "nbest_predictions.json": this.#nBest.entry(id, nBest.map(nBestEntry)),
      "null_odds.json": scoreDiff === undefined ? "" : this.#nullOdds.entry(id, scoreDiff),
    };
  }

  finish(): PredictionText {
    return {
      "predictions.json": this.#answers.end(),
      "nbest_predictions.json": this.#nBest.end(),
      "null_odds.json": this.#nullOdds.isEmpty ? "" : this.#nullOdds.end(),
    };
  }
}

/** utils_qa.py's keys in its order. */
function nBestEntry({ startLogit, endLogit, answer, score }: RankedAnswer) {
  return { start_logit: startLogit, end_logit: endLogit, text: answer, probability: score };
}

/** A JSON object in pieces, indented by 4 as Python's `json.dumps(value, indent=4)` does. */
class JsonObjectText {
  #entries = 0;

  get isEmpty(): boolean {
    return this.#entries === 0;
  }

  entry(key: string, value: unknown): string {
    const text = JSON.stringify(value, null, 4).replaceAll("\n", "\n    ");
    return `${this.#entries++ === 0 ? "{" : ","}\n    ${JSON.stringify(key)}: ${text}`;
  }

  end(): string {
    return this.isEmpty ? "{}\n" : "\n}\n";
  }
}
