/**
 * Entities of a plain text from the probabilities of its pieces, as transformers' `TokenClassificationPipeline` makes
 * them (`aggregation_strategy`, 5.x), with two differences. A word's pieces are known from the tokenizer, where the
 * pipeline compares lengths and errs on combining marks; and of a tag without `B-`, `I-` and the like the label is all
 * of it, where the pipeline makes `-LRB-` to `LRB-`.
 */
import type { EncodedText } from "./windows.ts";

/**
 * How pieces become words before words become entities. `none`: an entry a piece; `simple`: pieces stand for
 * themselves; `first`, `average`, `max`: a word has the label of its first piece, of its pieces' mean probabilities,
 * of its surest piece.
 */
export type Aggregation = "none" | "simple" | "first" | "average" | "max";

export interface TokenScores {
  /** Probabilities `[C]`. */
  scores: Float32Array;
  /** Number of the word that it is a piece of. */
  word: number;
  /** `[start, end)` in the text, UTF-16. */
  start: number;
  end: number;
}

export interface EntitySpan {
  /** Type without `B-` or `I-`; for `none` the tag itself. */
  label: string;
  /** Mean probability of its pieces' or words' tags. */
  score: number;
  /** The source's `slice(start, end)`. */
  text: string;
  start: number;
  end: number;
}

/** The pieces that windows predict, in text order, with their probabilities: `[n, C]` flat a window. */
export function tokenScores(
  { windows, offsets: wordOffsets }: EncodedText,
  probabilities: readonly Float32Array[],
): TokenScores[] {
  return windows.flatMap(({ pieces, offsets }, window) => {
    const width = probabilities[window].length / pieces.length;
    return [...pieces.keys()]
      .filter((token) => pieces[token] >= 0)
      .map((token) => ({
        scores: probabilities[window].subarray(token * width, (token + 1) * width),
        word: pieces[token],
        start: offsets[2 * token],
        // The last piece here may not be the word's own last one, where a word is longer than a window.
        end:
          pieces[token + 1] === pieces[token] ? offsets[2 * token + 1] : wordOffsets[2 * pieces[token] + 1],
      }));
  });
}

/**
 * Entities in text order; `O` is none. Neighbours with the same type are one entity up to the next `B-`; tags without
 * a scheme are grouped the same way, each run of one tag an entity.
 */
export function aggregate(
  tokens: readonly TokenScores[],
  labels: readonly string[],
  text: string,
  how: Aggregation,
): EntitySpan[] {
  const units = unitsOf(tokens, how).map((unit) => tagged(unit, labels));
  const groups = how === "none" ? units.map((unit) => [unit]) : grouped(units);
  return groups
    .filter(([first]) => first.tag !== "O")
    .map((group) => {
      const [{ tag, start }, { end }] = [group[0], group[group.length - 1]];
      const score = group.reduce((sum, unit) => sum + unit.score, 0) / group.length;
      return {
        label: how === "none" ? tag : typeOf(tag),
        score,
        text: text.slice(start, end),
        start,
        end,
      };
    });
}

/** A piece or a word: what gets one tag. */
type Unit = Omit<TokenScores, "word">;

interface TaggedUnit {
  tag: string;
  score: number;
  start: number;
  end: number;
}

function unitsOf(tokens: readonly TokenScores[], how: Aggregation): readonly Unit[] {
  if (how === "none" || how === "simple") return tokens;
  return wordsOf(tokens).map((pieces) => ({
    scores: wordScores(pieces, how),
    start: pieces[0].start,
    end: pieces[pieces.length - 1].end,
  }));
}

function wordsOf(tokens: readonly TokenScores[]): TokenScores[][] {
  const words: TokenScores[][] = [];
  tokens.forEach((token, i) => {
    if (i > 0 && tokens[i - 1].word === token.word) words[words.length - 1].push(token);
    else words.push([token]);
  });
  return words;
}

function wordScores(pieces: readonly TokenScores[], how: "first" | "average" | "max"): Float32Array {
  if (how === "first") return pieces[0].scores;
  if (how === "max") {
    return pieces.reduce((best, { scores }) => (peak(scores) > peak(best) ? scores : best), pieces[0].scores);
  }
  return pieces[0].scores.map((_, label) => {
    return pieces.reduce((sum, { scores }) => sum + scores[label], 0) / pieces.length;
  });
}

function tagged({ scores, start, end }: Unit, labels: readonly string[]): TaggedUnit {
  const score = peak(scores);
  return { tag: labels[scores.indexOf(score)], score, start, end };
}

function peak(scores: Float32Array): number {
  return scores.reduce((a, b) => Math.max(a, b));
}

/** Runs of one type; a tag without `B-` continues the run. */
function grouped(units: readonly TaggedUnit[]): TaggedUnit[][] {
  const groups: TaggedUnit[][] = [];
  units.forEach((unit, i) => {
    const continues = i > 0 && !unit.tag.startsWith("B-") && sameType(unit.tag, units[i - 1].tag);
    if (continues) groups[groups.length - 1].push(unit);
    else groups.push([unit]);
  });
  return groups;
}

/** As the pipeline's `get_tag`: only `B-` and `I-` of one type are alike. */
function sameType(a: string, b: string): boolean {
  return a.replace(/^[BI]-/, "") === b.replace(/^[BI]-/, "");
}

function typeOf(tag: string): string {
  return tag.replace(/^[BIESLU]-/, "");
}
