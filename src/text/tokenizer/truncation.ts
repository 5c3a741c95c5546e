/**
 * How many tokens of one or two sequences stay, and overlapping windows over what does not fit: the rules of
 * `utils/truncation.rs` and `Encoding::truncate` of huggingface/tokenizers 0.22. Lengths here count no `[CLS]` and
 * `[SEP]`; ends are cut, beginnings stay.
 */
import { InputError } from "../../util/errors.ts";

/** Which of two sequences gives way; with one sequence `longest_first` and `only_first` are the same. */
export type Truncation = "longest_first" | "only_first" | "only_second" | "do_not_truncate";

/** Tokens of the first and the second sequence (0 where there is none). */
export type Lengths = readonly [first: number, second: number];

/** Tokens [from, to) of a sequence. */
export type Span = readonly [from: number, to: number];

/** Lengths that fit into `room` tokens. Throws where the strategy's sequence alone cannot give enough. */
export function truncatedLengths([first, second]: Lengths, room: number, strategy: Truncation): Lengths {
  const excess = first + second - room;
  if (strategy === "do_not_truncate" || excess <= 0) return [first, second];
  if (strategy === "longest_first") return longestFirst(first, second, room);
  if (room === 0) return [0, 0];
  const target = strategy === "only_first" ? first : second;
  if (target <= excess) throw tooShort(first, second, room, strategy);
  return strategy === "only_first" ? [first - excess, second] : [first, second - excess];
}

/** The longer sequence is cut to the shorter one's length, then both alike; an odd token is the longer one's. */
function longestFirst(first: number, second: number, room: number): Lengths {
  const half = Math.floor(room / 2);
  const shorter = Math.min(first, second);
  const kept: Lengths = shorter <= half ? [shorter, room - shorter] : [half, room - half];
  return first > second ? [kept[1], kept[0]] : kept;
}

/**
 * Windows of `size` tokens over `length` tokens, each beginning with the last `stride` of the one before; the first
 * that reaches the end is the last. `[[0, length]]` where everything fits.
 */
export function windowSpans(length: number, size: number, stride: number): Span[] {
  if (length <= size) return [[0, length]];
  if (stride >= size) {
    throw new InputError(
      `stride: windows overlap by ${stride} tokens, but only ${size} of the text fit into one\n` +
        "Choose a smaller stride or a larger maximum length.",
    );
  }
  const spans: Span[] = [];
  for (let start = 0; spans.at(-1)?.[1] !== length; start += size - stride) {
    spans.push([start, Math.min(start + size, length)]);
  }
  return spans;
}

/**
 * Windows of two sequences, in the reference's order: the first of both, then each later window of the first
 * sequence with every one of the second, then the first's first with each later one of the second.
 */
export function pairWindows(first: readonly Span[], second: readonly Span[]): [Span, Span][] {
  const later = first.slice(1).flatMap((a) => second.map((b): [Span, Span] => [a, b]));
  return [[first[0], second[0]], ...later, ...second.slice(1).map((b): [Span, Span] => [first[0], b])];
}

function tooShort(first: number, second: number, room: number, strategy: Truncation): InputError {
  const [target, other] = strategy === "only_first" ? ["first", "second"] : ["second", "first"];
  const [targetLength, otherLength] = strategy === "only_first" ? [first, second] : [second, first];
  return new InputError(
    `truncation ${strategy}: the ${other} text has ${otherLength} tokens, the ${target} ${targetLength}, ` +
      `and ${room} fit beside the special tokens\nChoose a larger maximum length or "longest_first".`,
  );
}
