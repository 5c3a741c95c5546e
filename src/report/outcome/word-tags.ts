/** Outcome of tagging where tags mark no entities, such as parts of speech: scores by tag, word by word. */
import { tags } from "../../text/metrics/tags.ts";
import type { Outcome, TextPart } from "../report-data.ts";
import { CalibrationTally } from "./calibration.ts";
import { SCORE_COLUMNS } from "./classes.ts";
import type { TagsLine } from "./entities.ts";
import { partOf } from "./entity-matches.ts";
import { cellGroup, confusionMatrix } from "./matrices.ts";
import { Samples } from "./samples.ts";
import { placeOf, type Tally } from "./tally.ts";

export class WordTagTally implements Tally<TagsLine> {
  readonly #counts = tags({ labels: [] });
  readonly #calibration = new CalibrationTally();
  readonly #samples = new Samples();
  #rows = 0;

  add(line: TagsLine): void {
    const { words } = line.prediction;
    const gold = line.gold.tags;
    this.#rows++;
    this.#counts.update(
      words.map(({ tag }) => tag),
      gold,
    );
    words.forEach(({ tag, score }, i) => {
      this.#calibration.add(score, tag === gold[i]);
    });
    const wrong = words.flatMap(({ word, tag, score }, i) =>
      tag === gold[i] ? [] : [{ word, tag, score, gold: gold[i] }],
    );
    const surest = (wrong.length > 0 ? wrong : words).map(({ score }) => score);
    const sample = {
      where: placeOf(line),
      text: markedWords(line),
      gold: wrong.map((one) => `${one.word} ${one.gold}`).join("; ") || "all right",
      predicted: wrong.map(({ word, tag }) => `${word} ${tag}`).join("; ") || "all right",
      right: wrong.length === 0,
      confidence: surest.length > 0 ? Math.max(...surest) : undefined,
      loss: line.loss,
    };
    this.#samples.add(
      sample,
      words.map(({ tag }, i) => cellGroup(gold[i], tag)),
    );
  }

  finish(): Outcome {
    return {
      rows: this.#rows,
      matrices: [confusionMatrix(this.#counts.confusion(), "word")],
      tables: [
        {
          caption: "Scores of each tag.",
          name: "tag",
          columns: SCORE_COLUMNS,
          lines: this.#counts.perTag().map(({ name, precision, recall, f1, support }) => {
            return { name, values: [precision, recall, f1, support] };
          }),
        },
      ],
      calibration: this.#calibration.finish("word"),
      ...this.#samples.finish(),
    };
  }
}

/** Wrong words are marked, right ones are plain text. */
function markedWords({ text, gold, prediction }: TagsLine): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  prediction.words.forEach((word, i) => {
    if (word.tag === gold.tags[i]) return;
    parts.push(text.slice(end, word.start), partOf(text.slice(word.start, word.end), gold.tags[i], word.tag));
    end = word.end;
  });
  return [...parts, text.slice(end)].filter((part) => part !== "");
}
