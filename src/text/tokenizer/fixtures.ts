/** Compares the tokenizer with what the reference recorded (the form is `test/fixtures/make_tokenizer.py`'s). */
import { InputError } from "../../util/errors.ts";
import type { Encoding } from "./encoding.ts";
import { createTokenizer, type EncodeOptions, type Tokenizer, type Truncation } from "./tokenizer.ts";

/** A recorded encoding, under transformers' names; null stands at special tokens. */
export interface RecordedEncoding {
  input_ids: number[];
  token_type_ids: number[];
  attention_mask: number[];
  offsets: ([number, number] | null)[];
  word_ids: (number | null)[];
  sequence_ids: (number | null)[];
}

/** A call of the reference: `words`, or a text (or words) with a pair and options. `true` is `longest_first`. */
export interface RecordedCall {
  words?: string[];
  text?: string | string[];
  pair?: string | string[];
  is_split_into_words?: true;
  strategy?: Truncation | boolean;
  max_length?: number;
  stride?: number;
}

export interface TokenizerFixture {
  tokenizer: "uncased" | "cased";
  cases: { call: RecordedCall; result: RecordedEncoding | RecordedEncoding[] }[];
}

const CALL_KEYS = new Set([
  "words",
  "text",
  "pair",
  "is_split_into_words",
  "strategy",
  "max_length",
  "stride",
]);

/** Runs every case with the vocabulary (content of vocab.txt); `firstDifference` is absent where all are equal. */
export function checkTokenizerFixture(
  json: TokenizerFixture,
  vocab: string,
): { cases: number; firstDifference?: string } {
  if (!Array.isArray(json.cases) || !["uncased", "cased"].includes(json.tokenizer)) {
    throw new InputError('tokenizer fixture: expected {"tokenizer": "uncased" or "cased", "cases": [...]}');
  }
  const tokenizer = createTokenizer({ vocab, lowercase: json.tokenizer === "uncased" });
  for (const [index, { call, result }] of json.cases.entries()) {
    const difference = checkCase(tokenizer, call, result);
    if (difference !== undefined) {
      const where = `case ${index} ${JSON.stringify(call).slice(0, 80)}`;
      return { cases: json.cases.length, firstDifference: `${where}: ${difference}` };
    }
  }
  return { cases: json.cases.length };
}

function checkCase(
  tokenizer: Tokenizer,
  call: RecordedCall,
  result: RecordedEncoding | RecordedEncoding[],
): string | undefined {
  const unknown = Object.keys(call).find((key) => !CALL_KEYS.has(key));
  if (unknown !== undefined) return `the call's "${unknown}" is not known`;
  const expected = Array.isArray(result) ? result : [result];
  const actual = encodeCall(tokenizer, call).map(recorded);
  if (actual.length !== expected.length) return `expected ${expected.length} windows, got ${actual.length}`;
  for (const [window, encoding] of expected.entries()) {
    const difference = firstDifference(encoding, actual[window]);
    if (difference !== undefined)
      return Array.isArray(result) ? `window ${window}: ${difference}` : difference;
  }
  return undefined;
}

function encodeCall(tokenizer: Tokenizer, call: RecordedCall): Encoding[] {
  const text = call.words ?? call.text ?? "";
  const { max_length: maxLength, strategy } = call;
  const truncation =
    typeof strategy === "boolean" ? (strategy ? "longest_first" : "do_not_truncate") : strategy;
  const options: EncodeOptions = { maxLength, truncation };
  if (call.stride === undefined) return [tokenizer.encode(text, call.pair, options)];
  return tokenizer.encodeWindows(text, call.pair, { ...options, stride: call.stride });
}

/** Our encoding in the form of the recorded ones; every token of ours is attended to. */
function recorded({ inputIds, tokenTypeIds, offsets, wordIds, sequenceIds }: Encoding): RecordedEncoding {
  const orNull = (value: number) => (value < 0 ? null : value);
  return {
    input_ids: [...inputIds],
    token_type_ids: [...tokenTypeIds],
    attention_mask: Array.from(inputIds, () => 1),
    offsets: Array.from(inputIds, (_, i) =>
      offsets[2 * i] < 0 ? null : [offsets[2 * i], offsets[2 * i + 1]],
    ),
    word_ids: Array.from(wordIds, orNull),
    sequence_ids: Array.from(sequenceIds, orNull),
  };
}

function firstDifference(expected: RecordedEncoding, actual: RecordedEncoding): string | undefined {
  for (const key of Object.keys(actual) as (keyof RecordedEncoding)[]) {
    const length = Math.max(expected[key].length, actual[key].length);
    for (let i = 0; i < length; i++) {
      const [want, got] = [JSON.stringify(expected[key][i]), JSON.stringify(actual[key][i])];
      if (want !== got) return `${key}[${i}]: expected ${want}, got ${got}`;
    }
  }
  return undefined;
}
