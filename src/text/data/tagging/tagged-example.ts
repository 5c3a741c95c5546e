/** What a tagged sentence becomes, and the options that say how to read it. */

/** Characters [start, end) of a text, in UTF-16 units. */
export interface Entity {
  start: number;
  end: number;
  label: string;
}

/** Either words or a text. */
export interface TaggedExample {
  /** Line of the file where the sentence starts, from 1; for rows in memory the row's number, from 1. */
  line: number;
  /** As the file has them. */
  words?: string[];
  /** One a word, as the file writes them; undefined where the file has none. */
  tags?: string[];
  text?: string;
  /** Of `text`, sorted and without overlap; undefined where the file has none. */
  entities?: Entity[];
}

export interface TaggingReadOptions {
  /** Column of the words, or of the text: a header name, a JSON key or a number from 1. */
  textColumn?: string | number;
  /** Column of the tags, or of the spans. In CoNLL-U by its names: `upos` (default), `xpos`, `deprel` and so on. */
  tagColumn?: string | number;
  /** Of CoNLL columns: `tab`, `space` (any white space) or one character; told by content where undefined. */
  delimiter?: string;
  /** A label of the WHATWG Encoding Standard; default `utf-8`. Bytes that are not of it are an error. */
  encoding?: string;
  /** Names of tags that are whole numbers, from 0. Without them a number's name is its digits. */
  tagNames?: readonly string[];
  /** What spans count. Default: code points in files, UTF-16 units in memory. */
  offsets?: "code_points" | "utf16";
  /** `optional` is prediction: tags are read where they stand and fit, never checked, and a sentence may be empty. */
  needs: { tags: "required" | "optional" };
}
