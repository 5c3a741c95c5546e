/** The lines of predictions.jsonl: a validation row each, with what is right and what the kept weights say of it. */
import type { EntityPrediction, LabelScore, PredictionOf, TaggingPrediction } from "../inference/options.ts";

/** Where a row is from. */
export interface Place {
  /** As it was given, or `rows in memory`. */
  file: string;
  /** Line of the file, or number of the row, from 1. */
  line: number;
}

export interface TextFields {
  text: string;
  textPair?: string;
  /** A class, a number, or several labels. */
  gold: string | number | string[];
  prediction: (LabelScore & { top: LabelScore[] }) | { labels: LabelScore[] } | { score: number };
  /** Not of numbers. */
  correct?: boolean;
}

export interface TaggingFields {
  /** Of words that were given split, they with a space between. */
  text: string;
  /** Tags a word in the file's scheme, and the spans that they mark. */
  gold: { tags: string[]; entities: Omit<EntityPrediction, "score">[] };
  prediction: TaggingPrediction;
  /** Whether every tag is right. */
  correct: boolean;
}

export interface QuestionFields {
  id: string;
  question: string;
  context: string;
  /** None where the passage has no answer. */
  gold: readonly string[];
  /** `top` holds the best two, of which one is a span. */
  prediction: PredictionOf["question-answering"];
  /** As SQuAD's script scores the answer. */
  exact: number;
  f1: number;
  /** Whether `exact` is 1. */
  correct: boolean;
}

export interface FieldsOf {
  "text-classification": TextFields;
  "token-classification": TaggingFields;
  "question-answering": QuestionFields;
}

export type Fields = FieldsOf[keyof FieldsOf];

/** A line of predictions.jsonl. */
export type ResultLine<F extends Fields = Fields> = Place &
  F & {
    /** As in training, without label smoothing and class weights; null where a row has nothing to learn from. */
    loss: number | null;
  };
