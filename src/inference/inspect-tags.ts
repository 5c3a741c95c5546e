/** Tagged sentences, as `inspectData` takes them, to their report. */
import {
  type CharacterSpan,
  describeFault,
  type SpanFault,
  tagText,
} from "../tasks/token-classification/tag-text.ts";
import { wordsOfText } from "../tasks/token-classification/windows.ts";
import { inspectTags, type TagsReport } from "../text/data/inspect-tags.ts";
import { show } from "../text/data/show.ts";
import type { SurveyData } from "../text/data/survey-data.ts";
import type { TokenizedSentence } from "../text/data/survey-tags.ts";
import type { TaggedExample } from "../text/data/tagging/tagging.ts";
import type { Tokenizer } from "../text/tokenizer/tokenizer.ts";
import type { DataInput } from "../training/options.ts";
import { isHarmless } from "../training/tag-labels.ts";
import { openTagged } from "../training/tagging-data.ts";
import { type ResolvedInspectOptions, watched, withoutName } from "./inspect-input.ts";

export async function inspectTaggedData(
  options: ResolvedInspectOptions,
  tokenizer: Tokenizer | undefined,
): Promise<TagsReport> {
  const { data, dataTags, validation, validationTags, maxSeqLength, allowTagErrors } = options;
  return inspectTags({
    train: await open(data, dataTags, options),
    validation: validation === undefined ? undefined : await open(validation, validationTags, options),
    tokenize: tokenizer && ((example) => tokenize(tokenizer, example)),
    maxLength: maxSeqLength,
    accepts: (scheme, tags) => allowTagErrors === true || isHarmless(scheme, tags),
  });
}

async function open(
  input: DataInput,
  tags: string | undefined,
  options: ResolvedInspectOptions,
): Promise<SurveyData<TaggedExample>> {
  const { name, layout, examples } = await openTagged(input, { ...options, tags });
  return { name, layout: withoutName(name, layout), examples: watched(examples, options.signal) };
}

function tokenize(
  tokenizer: Tokenizer,
  { words = [], text, entities = [] }: TaggedExample,
): TokenizedSentence {
  if (text === undefined) {
    const { inputIds, wordIds } = tokenizer.encode(words);
    const tokenized = new Set(wordIds.subarray(1, -1));
    return { tokens: inputIds.length, withoutPieces: words.length - tokenized.size };
  }
  const found = wordsOfText(tokenizer, text);
  const { tags, faults } = tagText(found.offsets, entities);
  return {
    tokens: tokenizer.encodeIds(text).untruncatedLength,
    withoutPieces: 0,
    text: {
      words: found.words,
      tags,
      faults: faults.map((fault) => describe(text, found.offsets, entities[fault.entity], fault)),
    },
  };
}

function describe(text: string, offsets: Int32Array, span: CharacterSpan, fault: SpanFault): string {
  const { start, end, label } = span;
  return `the ${show(label)} span ${show(text.slice(start, end))} ${describeFault(text, offsets, span, fault)}`;
}
