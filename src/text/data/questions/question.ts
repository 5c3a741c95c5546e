/** What a row of a question-answering file becomes, and the options that say how to read it. */

export interface Answer {
  text: string;
  /** Where it starts in the passage, UTF-16: `context.slice(start, start + text.length) === text`. */
  start: number;
}

export interface QuestionExample {
  /** As the file has it, or the row's number where it has none. No two are the same. */
  id: string;
  question: string;
  context: string;
  /** Several in dev sets. Empty: the passage has no answer, or none is given (prediction). */
  answers: Answer[];
  /** The file says that the passage has no answer: by `is_impossible`, or by an empty list of answers. */
  isImpossible: boolean;
  /** Line of a JSONL file; number of the row in memory or in a Parquet file, of the question in SQuAD JSON; from 1. */
  line: number;
}

/** Something about a row's answers that was put right or left out. */
export interface QuestionProblem {
  line: number;
  id: string;
  /** `moved`: the answer is used where it is. `dropped`: it is not used; only where answers are optional. */
  kind: "moved" | "dropped";
  /** For people: where the row is and what is wrong. */
  reason: string;
}

export interface QuestionReadOptions {
  /** Uses an answer that is not at its offset where it is, the nearest place first. Default false: an error. */
  fixAnswerOffsets?: boolean;
  /** A label of the WHATWG Encoding Standard; default `utf-8`. */
  encoding?: string;
  /**
   * `optional` is prediction: whatever is wrong with answers is a problem and no error. `required` is training and
   * evaluation: each row has answers or says that there is none.
   */
  needs: { answers: "required" | "optional" };
  /** Columns of rows; told by their names where undefined. Not for SQuAD JSON. */
  questionColumn?: string;
  contextColumn?: string;
  answersColumn?: string;
  /** What offsets count. Default `code_points` in files, as Python does, and `utf16` for rows in memory. */
  offsets?: OffsetUnit;
}

export type OffsetUnit = "code_points" | "utf16";

export interface QuestionFile {
  /** What messages call it. */
  name: string;
  /** How it was read, for people, on one line. */
  layout: string;
  format: "squad" | "jsonl" | "rows";
  /** What SQuAD JSON says of itself, such as `1.1` or `v2.0`. */
  version?: string;
  /**
   * To be read once. Throws `InputError` at a row that is no question, and after the last row for answers that are not
   * where they should be, so that the message can count them.
   */
  examples: AsyncIterable<QuestionExample>;
  /** Filled while `examples` is read. */
  problems: QuestionProblem[];
}

/** A row as it stands in the file: texts are texts, answers may be anything yet. */
export interface RawQuestion {
  id: string;
  question: string;
  context: string;
  answers: RawAnswers;
  /** Undefined where the row does not say. */
  isImpossible: boolean | undefined;
  line: number;
  /** What messages call the row: `dev.json, question 17`, `rows.jsonl:3`. */
  place: string;
}

export interface RawAnswer {
  text: string;
  /** A whole number in the file's unit, perhaps outside of the passage. */
  offset: number;
}

/** Undefined: the row does not speak of answers. */
export type RawAnswers = RawAnswer[] | { problem: string } | undefined;
