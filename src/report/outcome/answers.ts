/** Outcome of question answering: how many answers are exact, partly right, missed, or given where there is none. */
import type { QuestionFields, ResultLine } from "../../results/lines.ts";
import type { Outcome, ScoreTable, TextPart } from "../report-data.ts";
import { CalibrationTally } from "./calibration.ts";
import { markedText, type Span } from "./entity-matches.ts";
import { Samples } from "./samples.ts";
import { placeOf, type Tally } from "./tally.ts";

export type AnswerLine = Omit<ResultLine<QuestionFields>, "id" | "correct">;

const KINDS = {
  exact: { label: "exactly right", right: true },
  silent: { label: "rightly no answer", right: true },
  partial: { label: "partly right", right: false },
  missed: { label: "another answer", right: false },
  invented: { label: "an answer where there is none", right: false },
  withheld: { label: "no answer where there is one", right: false },
} as const;

type Kind = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as Kind[];

interface Means {
  count: number;
  exact: number;
  f1: number;
}

export class AnswerTally implements Tally<AnswerLine> {
  readonly #kinds = new Map<Kind, number>();
  readonly #answered: Means = { count: 0, exact: 0, f1: 0 };
  readonly #unanswerable: Means = { count: 0, exact: 0, f1: 0 };
  readonly #calibration = new CalibrationTally();
  readonly #samples = new Samples();

  add(line: AnswerLine): void {
    const { gold, prediction, exact, f1, loss } = line;
    const kind = kindOf(line);
    this.#kinds.set(kind, (this.#kinds.get(kind) ?? 0) + 1);
    const means = gold.length > 0 ? this.#answered : this.#unanswerable;
    means.count++;
    means.exact += exact;
    means.f1 += f1;
    this.#calibration.add(prediction.score, exact === 1);
    const shown = {
      gold: gold.length > 0 ? [...new Set(gold)].join(" / ") : "no answer",
      predicted: prediction.answer === "" ? "no answer" : prediction.answer,
      right: KINDS[kind].right,
    };
    const sample = { ...shown, where: placeOf(line), text: textOf(line), confidence: prediction.score, loss };
    this.#samples.add(sample, [{ key: kind, ...KINDS[kind] }]);
  }

  finish(): Outcome {
    const rows = this.#answered.count + this.#unanswerable.count;
    return {
      rows,
      matrices: [],
      tables: [this.#kindTable(rows), scoreTable(this.#answered, this.#unanswerable)],
      calibration: this.#calibration.finish("answer"),
      ...this.#samples.finish(),
    };
  }

  #kindTable(rows: number): ScoreTable {
    const present = NAMES.filter((kind) => this.#kinds.has(kind));
    return {
      caption: "What became of the questions.",
      name: "answer",
      columns: [{ name: "questions", counts: true }, { name: "share" }],
      lines: present.map((kind) => {
        const count = this.#kinds.get(kind)!;
        return { name: KINDS[kind].label, values: [count, count / rows], group: kind };
      }),
    };
  }
}

function scoreTable(answered: Means, unanswerable: Means): ScoreTable {
  const lines = [
    { name: "with an answer", ...answered },
    { name: "without", ...unanswerable },
  ].filter(({ count }) => count > 0);
  return {
    caption: "Scores of questions with and without an answer.",
    name: "questions",
    columns: [{ name: "exact match" }, { name: "f1" }, { name: "questions", counts: true }],
    lines: lines.map(({ name, count, exact, f1 }) => ({ name, values: [exact / count, f1 / count, count] })),
  };
}

function kindOf({ gold, prediction, exact, f1 }: AnswerLine): Kind {
  if (gold.length === 0) return prediction.answer === "" ? "silent" : "invented";
  if (exact === 1) return "exact";
  if (prediction.answer === "") return "withheld";
  return f1 > 0 ? "partial" : "missed";
}

/** Characters of the passage around the answers. */
const AROUND = 160;
/** The longest piece of a passage that holds both answers; otherwise that around the predicted one is shown. */
const MOST = 900;

/** The question, and the part of the passage that has the answers, marked. */
function textOf({ question, context, gold, prediction }: AnswerLine): TextPart[] {
  const right = gold.flatMap((text): Span[] => {
    const start = context.indexOf(text);
    return start < 0 || text === "" ? [] : [{ label: "right", start, end: start + text.length }];
  });
  const predicted =
    prediction.answer === "" ? [] : [{ label: "right", start: prediction.start, end: prediction.end }];
  const [start, end] = excerpt(context, predicted, right.slice(0, 1));
  const inside = (spans: readonly Span[]) =>
    spans.flatMap((span): Span[] => {
      const moved = { ...span, start: Math.max(0, span.start - start), end: Math.min(end, span.end) - start };
      return moved.start < moved.end ? [moved] : [];
    });
  const before = start > 0 ? "…" : "";
  const after = end < context.length ? "…" : "";
  return [
    `${question}\n${before}`,
    ...noted(markedText(context.slice(start, end), inside(right), inside(predicted))),
    after,
  ];
}

function excerpt(
  context: string,
  predicted: readonly Span[],
  right: readonly Span[],
): [start: number, end: number] {
  const around = (spans: readonly Span[]): [number, number] => [
    Math.max(0, Math.min(...spans.map(({ start }) => start)) - AROUND),
    Math.min(context.length, Math.max(...spans.map(({ end }) => end)) + AROUND),
  ];
  const both = [...predicted, ...right];
  if (both.length === 0) return [0, Math.min(context.length, 2 * AROUND)];
  const [start, end] = around(both);
  return end - start <= MOST || predicted.length === 0 ? [start, end] : around(predicted);
}

/** An answer has no type to name: only how it was met. */
function noted(parts: readonly TextPart[]): TextPart[] {
  const notes = { right: "right", wrong: "", missed: "missed", extra: "predicted" };
  return parts.map((part) => (typeof part === "string" ? part : { ...part, note: notes[part.kind] }));
}
