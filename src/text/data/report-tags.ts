/** What tagged sentences hold, in plain lines. */
import type { ProblemSample } from "./findings.ts";
import type { TagsBaseline, TagsReport, TagsSplitReport, TagsValidationReport } from "./inspect-tags.ts";
import { describeSimilar } from "./labels.ts";
import {
  amongThem,
  LABELS_SHOWN,
  labelLines,
  layoutLines,
  lengthLines,
  lineList,
  percent,
  plural,
  problemLines,
  them,
  whole,
} from "./report-lines.ts";
import { show } from "./show.ts";

export function tagLines({ train, validation, similarLabels, baseline }: TagsReport): string[] {
  return [
    ...splitLines(train),
    ...(validation === undefined ? [] : splitLines(validation)),
    ...(baseline === undefined ? [] : baselineLines(baseline, validation?.words)),
    ...splitWarnings(train),
    ...(validation === undefined ? [] : validationWarnings(validation, train)),
    ...similarLabels.map((group) => `${describeSimilar(group)}.`),
  ];
}

function splitLines(split: TagsSplitReport): string[] {
  const { name, rows, words, tags, entities, sentenceWords, lengths } = split;
  const counted = words === undefined ? "" : `, ${plural(words, "word")}`;
  return [
    `${name}: ${plural(rows, "sentence")}${counted}`,
    ...layoutLines(split),
    ...(tags === undefined || words === undefined
      ? []
      : [`  ${plural(tags.length, "tag")}${schemeOf(split)}`, ...labelLines(tags, words, "    ", "tag")]),
    ...(entities === undefined ? [] : entityLines(entities)),
    ...lengthLines({ "words a sentence": sentenceWords, "tokens a sentence": lengths }),
  ];
}

function schemeOf({ scheme }: TagsSplitReport): string {
  return scheme === "none" ? ", which mark no spans" : `, scheme ${scheme}`;
}

function entityLines(entities: NonNullable<TagsSplitReport["entities"]>): string[] {
  const all = entities.reduce((sum, { count }) => sum + count, 0);
  const types = plural(entities.length, "type");
  const total = all === 1 ? "1 entity" : `${whole(all)} entities`;
  return [`  ${total} of ${types}`, ...labelLines(entities, all, "    ", "type")];
}

function baselineLines({ on, prediction, value, byWord }: TagsBaseline, words = 0): string[] {
  const lines = [`Baseline: always ${show(prediction)} has accuracy ${value.toFixed(4)} on ${on}.`];
  if (byWord === undefined) return lines;
  const f1 = byWord.f1 === undefined ? "" : ` and entity f1 ${byWord.f1.toFixed(4)}`;
  const unseen = `${percent(byWord.unseen / words)} of its words are not in train`;
  return [
    ...lines,
    `Baseline: each word's most frequent tag in train has accuracy ${byWord.value.toFixed(4)}${f1} on ${on}; ${unseen}.`,
  ];
}

function splitWarnings(split: TagsSplitReport): string[] {
  const { name, lengths, withoutPieces, duplicates, conflicts } = split;
  const warnings = [...violationLines(split), ...faultLines(split)];
  const exceeding = lengths?.exceeding;
  if (exceeding !== undefined && exceeding.rows > 0) {
    warnings.push(
      `${name}: ${plural(exceeding.rows, "sentence")} longer than ${exceeding.limit} tokens, read in overlapping windows.`,
    );
  }
  if (withoutPieces.words > 0) {
    const lines = lineList(withoutPieces.sentences);
    warnings.push(
      `${name}: ${plural(withoutPieces.words, "word")} that the tokenizer leaves nothing of (${lines}).`,
    );
  }
  if (duplicates.rows > 0) {
    const other = amongThem(duplicates.rows, conflicts, "other tags");
    warnings.push(
      `${name}: ${plural(duplicates.rows, "sentence")} repeating an earlier one (${lineList(duplicates)})${other}.`,
    );
  }
  return warnings;
}

function violationLines({ name, scheme, violations }: TagsSplitReport): string[] {
  const { count, refused } = violations;
  if (count === 0) return [];
  const what = `${plural(count, "tag")} ${count === 1 ? "breaks" : "break"} ${scheme}, the scheme of the others`;
  const then = refused
    ? `; correct ${them(count)}, or train with --allow-tag-errors`
    : `; ${count === 1 ? "it is" : "they are"} read as conlleval does`;
  return [`${name}: ${what}${then}:`, ...placed(name, violations)];
}

function faultLines({ name, spanFaults }: TagsSplitReport): string[] {
  if (spanFaults.count === 0) return [];
  return [
    `${name}: ${plural(spanFaults.count, "span")} that words cannot express; correct ${spanFaults.count === 1 ? "its" : "their"} start and end:`,
    ...placed(name, spanFaults),
  ];
}

function placed(name: string, { count, examples }: ProblemSample): string[] {
  return problemLines(
    count,
    examples.map(({ line, reason }) => `${name}:${line}: ${reason}`),
  );
}

function validationWarnings(validation: TagsValidationReport, train: TagsSplitReport): string[] {
  const { name, scheme, inTrain, unknownTags } = validation;
  const warnings = splitWarnings(validation);
  if (scheme !== undefined && train.scheme !== undefined && scheme !== train.scheme)
    warnings.push(`${name}: scheme ${scheme}, but ${train.name} has ${train.scheme}.`);
  if (inTrain.rows > 0)
    warnings.push(
      `${name}: ${plural(inTrain.rows, "sentence")} also in ${train.name} (${lineList(inTrain)}).`,
    );
  for (const { label, count, line } of unknownTags.slice(0, LABELS_SHOWN))
    warnings.push(`${name}:${line}: tag ${show(label)} (${whole(count)}) is not in ${train.name}.`);
  return warnings;
}
