/** Outcome of tagging where tags mark entities: scores by type, and which types are taken for which. */
import type { ResultLine, TaggingFields } from "../../results/lines.ts";
import { countsOf, namedScores } from "../../text/metrics/named-counts.ts";
import type { Counts } from "../../text/metrics/scores.ts";
import type { Matrix, MatrixCell, Outcome } from "../report-data.ts";
import { CalibrationTally } from "./calibration.ts";
import { SCORE_COLUMNS } from "./classes.ts";
import { type Match, markedText, matchEntities, sameEnds } from "./entity-matches.ts";
import { type GroupOfSample, Samples } from "./samples.ts";
import { placeOf, type Tally } from "./tally.ts";

export type TagsLine = Omit<ResultLine<TaggingFields>, "correct">;

/** Columns and the line beside the types. */
const OTHER_ENDS = "same type, other ends";
const MISSED = "missed";
const NOTHING = "no entity";

export class EntityTally implements Tally<TagsLine> {
  readonly #counts = new Map<string, Counts>();
  /** By line and column of the matrix. */
  readonly #cells = new Map<string, number>();
  readonly #calibration = new CalibrationTally();
  readonly #samples = new Samples();
  #rows = 0;

  add(line: TagsLine): void {
    const { text, gold, prediction, loss } = line;
    this.#rows++;
    const matches = matchEntities(gold.entities, prediction.entities);
    for (const match of matches) this.#count(match);
    prediction.words.forEach(({ tag, score }, i) => {
      this.#calibration.add(score, tag === gold.tags[i]);
    });
    const groups = matches.map(groupOf);
    const shown = {
      gold: listed(gold.entities),
      predicted: listed(prediction.entities),
      right: groups.every((group) => group.right),
      confidence:
        prediction.words.length > 0 ? Math.min(...prediction.words.map(({ score }) => score)) : undefined,
      loss,
    };
    const marked = markedText(text, gold.entities, prediction.entities);
    this.#samples.add(
      { where: placeOf(line), text: marked, ...shown },
      groups.length > 0 ? groups : [WITHOUT],
    );
  }

  finish(): Outcome {
    return {
      rows: this.#rows,
      matrices: [this.#matrix()],
      tables: [
        {
          caption: "Scores of each type of entities: right are those whose type and both ends are.",
          name: "type",
          columns: SCORE_COLUMNS,
          lines: namedScores(this.#counts).map(({ name, precision, recall, f1, support }) => {
            return { name, values: [precision, recall, f1, support] };
          }),
        },
      ],
      calibration: this.#calibration.finish("word"),
      ...this.#samples.finish(),
    };
  }

  #count(match: Match): void {
    const { gold, predicted } = match;
    if (gold) countsOf(this.#counts, gold.label).support++;
    if (predicted) countsOf(this.#counts, predicted.label).predicted++;
    if (gold && isRight(match)) countsOf(this.#counts, gold.label).truePositives++;
    const { key } = groupOf(match);
    this.#cells.set(key, (this.#cells.get(key) ?? 0) + 1);
  }

  #matrix(): Matrix {
    const types = [...this.#counts.entries()]
      .sort(([, a], [, b]) => b.support - a.support)
      .map(([type]) => type);
    const columns = [...types, OTHER_ENDS, MISSED];
    const cell = (line: string, column: string): MatrixCell => {
      const { key, right } = cellGroup(line, column);
      return { count: this.#cells.get(key) ?? 0, right, group: key };
    };
    return {
      caption:
        "Right entities by what was predicted there; the last line has predictions where no entity is.",
      lines: [...types, NOTHING],
      columns,
      cells: [...types, NOTHING].map((line) => columns.map((column) => cell(line, column))),
    };
  }
}

const WITHOUT: GroupOfSample = { key: "without", label: "no entity and none predicted", right: true };

function isRight({ gold, predicted }: Match): boolean {
  return (
    gold !== undefined &&
    predicted !== undefined &&
    gold.label === predicted.label &&
    sameEnds(gold, predicted)
  );
}

function groupOf(match: Match): GroupOfSample {
  const { gold, predicted } = match;
  const otherEnds = gold?.label === predicted?.label && !isRight(match);
  return cellGroup(gold?.label ?? NOTHING, otherEnds ? OTHER_ENDS : (predicted?.label ?? MISSED));
}

function cellGroup(line: string, column: string): GroupOfSample {
  const key = JSON.stringify([line, column]);
  if (line === column) return { key, label: `${line}, right`, right: true };
  if (column === MISSED) return { key, label: `${line} missed`, right: false };
  if (column === OTHER_ENDS) return { key, label: `${line} with other ends`, right: false };
  return { key, label: `${line} predicted as ${column}`, right: false };
}

function listed(entities: readonly { label: string; text: string }[]): string {
  return entities.length === 0 ? "none" : entities.map(({ label, text }) => `${label} ${text}`).join("; ");
}
