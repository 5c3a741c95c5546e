/** What a row of labelled text becomes, and the options that say how to read it. */

export interface Example {
  text: string;
  textPair?: string;
  /**
   * As written, without spaces around it; several for multi-label, possibly none.
   * Undefined where the file has no label column or, for prediction, the row has no label.
   */
  label?: string | string[];
  /** Line of the file where the row starts, from 1; for rows in memory the row's number, from 1. */
  line: number;
}

/** A header name, a number from 1 (also written as digits), or several: a list, or names with commas between. */
export type ColumnChoice = string | number | readonly (string | number)[];

export interface LabelNeeds {
  /** `optional` is prediction: labels are read where they stand and never checked. */
  label: "required" | "optional";
  /** `auto`: a label is several where the file shows it (a JSON list, a separator, columns of 0 and 1), else one. */
  kind: "class" | "number" | "multi" | "auto";
}

export interface ReadOptions {
  /** Several columns are joined by a space. */
  textColumn?: ColumnChoice;
  textPairColumn?: string | number;
  /** Several columns hold 0 or 1 each; their names are the labels. */
  labelColumn?: ColumnChoice;
  /** Whether the first row holds the column names; told by content where undefined. */
  header?: boolean;
  /** `tab`, `comma` or one character; told by content where undefined. */
  delimiter?: string;
  /** `none` or one character; told by content where undefined. */
  quote?: string;
  /** A label of the WHATWG Encoding Standard; default `utf-8`. Bytes that are not of it are an error. */
  encoding?: string;
  /** Splits a label cell into several labels. */
  labelSeparator?: string;
  needs: LabelNeeds;
}
