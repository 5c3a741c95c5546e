/** What tagged sentences hold, in one pass over each file, before any training. */
import type { SchemeReport, TagScheme } from "../tags/schemes.ts";
import { type LineSample, type ProblemSample, sampleOf } from "./findings.ts";
import { type LabelCount, labelCounts, similarLabels } from "./labels.ts";
import type { LengthReport } from "./lengths.ts";
import type { SurveyData } from "./survey-data.ts";
import { TagSurvey, type TokenizedSentence } from "./survey-tags.ts";
import type { WordGuess } from "./tag-baseline.ts";
import { mostFrequent } from "./tag-counts.ts";
import type { TaggedExample } from "./tagging/tagging.ts";

export interface InspectTagsOptions {
  train: SurveyData<TaggedExample>;
  validation?: SurveyData<TaggedExample>;
  /** Without it nothing is said of tokens, nor of the words of plain texts. */
  tokenize?: (example: TaggedExample) => TokenizedSentence;
  /** Tokens above which a sentence is split into windows; 0: no limit. Default 0. */
  maxLength?: number;
  /** Whether training reads tags that break their scheme, of the tags that the file has. Default: never. */
  accepts?: (scheme: TagScheme, tags: Iterable<string>) => boolean;
}

/** Plain data, ready for JSON. */
export interface TagsReport {
  task: "token-classification";
  train: TagsSplitReport;
  validation?: TagsValidationReport;
  /** Groups of entity types, or of tags without a scheme, of either file that differ only in case or white space. */
  similarLabels: LabelCount[][];
  /** Absent where the words are not known. */
  baseline?: TagsBaseline;
}

export interface TagsSplitReport {
  name: string;
  /** How it was read, for people; absent for rows in memory. */
  layout?: string;
  /** Sentences. */
  rows: number;
  /** In plain texts as the tokenizer tells them; absent without one. */
  words?: number;
  /** How the tags mark spans; absent for texts with spans. */
  scheme?: TagScheme;
  /** Words whose tags the scheme does not allow there; `refused`: training does not read them. */
  violations: ProblemSample & { refused: boolean };
  /** Spans of texts that words cannot express, which training does not read. */
  spanFaults: ProblemSample;
  /** As the file writes them, most frequent first; absent for texts with spans. */
  tags?: LabelCount[];
  /** Spans by type, most frequent first; absent where the tags mark none. */
  entities?: LabelCount[];
  /** In words. */
  sentenceWords?: LengthReport;
  /** In tokens; absent without a tokenizer. Longer sentences than the limit are split into windows. */
  lengths?: LengthReport;
  /** Words that the tokenizer leaves nothing of, and the sentences with such words. */
  withoutPieces: { words: number; sentences: LineSample };
  /** Sentences that stood there before. */
  duplicates: LineSample;
  /** Those among them whose tags are not those of the first such sentence. */
  conflicts: LineSample;
}

export interface TagsValidationReport extends TagsSplitReport {
  /** Sentences that are in train; `first` are lines there. */
  inTrain: LineSample;
  /** Tags in the form that is trained, IOB2 for any scheme, that train does not have; with the first line of each. */
  unknownTags: (LabelCount & { line: number })[];
}

/** What guessing scores: accuracy over words. */
export interface TagsBaseline {
  on: string;
  /** The commonest tag of train. */
  prediction: string;
  metric: "accuracy";
  value: number;
  /**
   * Each word's most frequent tag in train, on validation; the commonest tag for words that train does not have, which
   * are counted as `unseen`. `f1` is of entities, where the tags mark spans.
   */
  byWord?: { value: number; f1?: number; unseen: number };
}

/** Reads both files once. Throws what the readers throw. */
export async function inspectTags(options: InspectTagsOptions): Promise<TagsReport> {
  const train = new TagSurvey(options.train);
  await train.read(options.tokenize);
  const guess = guessOf(train);
  const validation = options.validation && new TagSurvey(options.validation, { seen: train.seen, guess });
  await validation?.read(options.tokenize);
  const report: TagsReport = {
    task: "token-classification",
    train: splitReport(train, options),
    similarLabels: similarLabels(labelCounts(joined([train, ...(validation ? [validation] : [])]))),
  };
  if (validation) report.validation = validationReport(validation, train, options);
  if (guess && (validation ?? train).wordCount > 0) report.baseline = baselineOf(guess, train, validation);
  return report;
}

function guessOf(train: TagSurvey): WordGuess | undefined {
  if (train.wordCount === 0) return undefined;
  const form = train.form(train);
  const counts = new Map([...train.counts.tags(form)].map(([tag, { count }]) => [tag, count]));
  return { commonest: mostFrequent(counts), tagOfWord: train.counts.tagOfWord(form) };
}

function splitReport(survey: TagSurvey, { maxLength, accepts }: InspectTagsOptions): TagsSplitReport {
  const { data, isText, scheme, entities } = survey;
  const report: TagsSplitReport = {
    name: data.name,
    ...(data.layout === undefined ? {} : { layout: data.layout }),
    rows: survey.sentences,
    violations: { ...violationsOf(scheme), refused: isRefused(survey, accepts) },
    spanFaults: sampleOf(survey.faults),
    withoutPieces: {
      words: survey.withoutPieces.words,
      sentences: survey.withoutPieces.sentences.report,
    },
    duplicates: survey.duplicates.report,
    conflicts: survey.conflicts.report,
  };
  if (!isText) {
    report.scheme = scheme.scheme;
    report.tags = labelCounts(survey.counts.tags("written"));
  }
  if (survey.marksSpans) report.entities = labelCounts(entities);
  if (survey.wordCount > 0) {
    report.words = survey.wordCount;
    report.sentenceWords = survey.words.report();
  }
  const lengths = survey.tokens.report(maxLength);
  if (lengths !== undefined) report.lengths = lengths;
  return report;
}

function violationsOf({ violations: { count, examples } }: SchemeReport): ProblemSample {
  return {
    count,
    examples: examples.map(({ line, word, reason }) => ({ line, reason: `${reason} (word ${word})` })),
  };
}

function isRefused({ scheme, counts }: TagSurvey, accepts: InspectTagsOptions["accepts"]): boolean {
  return scheme.violations.count > 0 && !accepts?.(scheme.scheme, counts.tags("written").keys());
}

function validationReport(
  survey: TagSurvey,
  train: TagSurvey,
  options: InspectTagsOptions,
): TagsValidationReport {
  const known = trainedLabels(train, train);
  const unknownTags = [...trainedLabels(survey, train)]
    .filter(([tag]) => !known.has(tag))
    .map(([label, { count, line }]) => ({ label, count, line }));
  return { ...splitReport(survey, options), inTrain: survey.inTrain.report, unknownTags };
}

/** Tags as training has them; of texts whose words are not known, the types of their spans. */
function trainedLabels(survey: TagSurvey, train: TagSurvey): Map<string, { count: number; line: number }> {
  return train.wordCount > 0 && survey.wordCount > 0
    ? survey.counts.tags(survey.form(train))
    : survey.entities;
}

function joined(surveys: readonly TagSurvey[]): Map<string, { count: number }> {
  const all = new Map<string, { count: number }>();
  for (const survey of surveys) {
    for (const [label, { count }] of survey.marksSpans ? survey.entities : survey.counts.tags("written"))
      all.set(label, { count: count + (all.get(label)?.count ?? 0) });
  }
  return all;
}

function baselineOf(guess: WordGuess, train: TagSurvey, validation: TagSurvey | undefined): TagsBaseline {
  const on = validation ?? train;
  const form = on.form(train);
  const right = on.counts.tags(form).get(guess.commonest)?.count ?? 0;
  const baseline: TagsBaseline = {
    on: on.data.name,
    prediction: guess.commonest,
    metric: "accuracy",
    value: right / on.wordCount,
  };
  const words = validation?.baseline;
  if (words) {
    baseline.byWord = {
      value: words.accuracy(form),
      ...(train.marksSpans ? { f1: words.f1 } : {}),
      unseen: words.unseen,
    };
  }
  return baseline;
}
