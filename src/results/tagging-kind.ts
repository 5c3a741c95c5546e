/** Lines of tagging: a sentence with the tag of each word, and the entities that the tags mark. */
import type { EntityPrediction, TaggingPrediction } from "../inference/options.ts";
import type { TaggingData, TokenClassification } from "../tasks/token-classification/task.ts";
import { entityRows, tagRows } from "../text/metrics/counted-rows.ts";
import { entities } from "../text/metrics/entities.ts";
import { convertTags, spansOf, type TagScheme } from "../text/tags/schemes.ts";
import type { Dataset } from "../training/dataset.ts";
import type { WordsRow } from "../training/options.ts";
import type { LineKind, MetricCollector } from "./line-kind.ts";
import type { TaggingFields } from "./lines.ts";
import type { Mistake } from "./mistakes.ts";

export function taggingKind({ options }: TokenClassification): LineKind<"token-classification"> {
  const { scheme } = options;
  return {
    predict: {},
    fields: (row, prediction, data, example) => {
      const inside = goldTags(data as Dataset & TaggingData, example);
      const tags = convertTags(inside, scheme === "none" ? "none" : "IOB2", scheme);
      const { tokens, text } = row as Partial<WordsRow> & { text?: string };
      const written = tokens?.join(" ") ?? text ?? "";
      const marked = scheme === "none" ? [] : entitiesIn(written, inside, prediction);
      const correct = prediction.words.every(({ tag }, i) => tag === tags[i]);
      return { text: written, gold: { tags, entities: marked }, prediction, correct };
    },
    collector: () => (scheme === "none" ? tagCollector() : entityCollector(scheme)),
    mistakes: scheme === "none" ? wrongTags : wrongEntities,
    cells: ({ text, gold, prediction }) => ({
      row: { text },
      gold: scheme === "none" ? gold.tags.join(" ") : listOf(gold.entities),
      predicted:
        scheme === "none" ? prediction.words.map(({ tag }) => tag).join(" ") : listOf(prediction.entities),
      score: surenessOfErrors(gold.tags, prediction),
    }),
  };
}

/** The tags of a sentence as training has them: IOB2 where they mark spans. */
function goldTags({ references, names, sentenceEnds }: TaggingData, sentence: number): string[] {
  const start = sentence === 0 ? 0 : sentenceEnds[sentence - 1];
  return Array.from(references.subarray(start, sentenceEnds[sentence]), (tag) => names[tag]);
}

/** Words stand where the prediction has them. */
function entitiesIn(
  text: string,
  tags: readonly string[],
  { words }: TaggingPrediction,
): Omit<EntityPrediction, "score">[] {
  return spansOf(tags, "IOB2").map(({ type, start: first, end }) => {
    const [from, to] = [words[first].start, words[end - 1].end];
    return { label: type, text: text.slice(from, to), start: from, end: to };
  });
}

function listOf(entities: readonly Pick<EntityPrediction, "text" | "label">[]): string {
  return entities.map(({ text, label }) => `${text}/${label}`).join(" | ");
}

function wrongTags({ gold, prediction }: TaggingFields): Mistake[] {
  const pairs = prediction.words.map(({ tag }, i): Mistake => [gold.tags[i], tag]);
  return pairs.filter(([tag, predicted]) => tag !== predicted);
}

/** An entity of the right words is of another type; one of other words is missed, or is one too many. */
function wrongEntities({ gold, prediction }: TaggingFields): Mistake[] {
  const placeOf = ({ start, end }: { start: number; end: number }) => `${start} ${end}`;
  const predicted = new Map(prediction.entities.map((entity) => [placeOf(entity), entity.label]));
  const wanted = new Set(gold.entities.map(placeOf));
  const missed = gold.entities.map(
    (entity): Mistake => [entity.label, predicted.get(placeOf(entity)) ?? "not these words"],
  );
  const added = prediction.entities.filter((entity) => !wanted.has(placeOf(entity)));
  return [
    ...missed.filter(([label, other]) => label !== other),
    ...added.map(({ label }): Mistake => ["not these words", label]),
  ];
}

/** The highest probability of a tag that is wrong. */
function surenessOfErrors(gold: readonly string[], { words }: TaggingPrediction): number | undefined {
  const wrong = words.filter(({ tag }, i) => tag !== gold[i]).map(({ score }) => score);
  return wrong.length === 0 ? undefined : Math.max(...wrong);
}

type Collector = MetricCollector<"token-classification">;

const predictedTags = ({ prediction }: TaggingFields) => prediction.words.map(({ tag }) => tag);

function tagCollector(): Collector {
  const { rows, add } = tagRows();
  return { add: (line) => add(predictedTags(line), line.gold.tags), finish: () => rows };
}

function entityCollector(scheme: TagScheme): Collector {
  const { rows, add } = entityRows();
  return {
    add: (line) => {
      const sentence = entities({ mode: "default" });
      const inside = (tags: readonly string[]) => convertTags(tags, scheme, "IOB2");
      sentence.update(inside(predictedTags(line)), inside(line.gold.tags));
      add(sentence.counts());
    },
    finish: () => rows,
  };
}
