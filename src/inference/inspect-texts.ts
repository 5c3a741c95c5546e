/** Labelled texts, as `inspectData` takes them, to their report. */
import type { Example } from "../text/data/examples.ts";
import { inspectTexts, type TextReport } from "../text/data/inspect.ts";
import { lookLikeScores } from "../text/data/labels.ts";
import type { SurveyData } from "../text/data/survey-data.ts";
import type { Tokenizer } from "../text/tokenizer/tokenizer.ts";
import { openExamples, readOptions } from "../training/classification-data.ts";
import { isRepeatable } from "../training/dataset.ts";
import type { DataInput } from "../training/options.ts";
import { type ResolvedInspectOptions, watched, withoutName } from "./inspect-input.ts";

export async function inspectTextData(
  options: ResolvedInspectOptions,
  tokenizer: Tokenizer | undefined,
): Promise<TextReport> {
  const { kind, kept } = await kindOf(options);
  return inspectTexts({
    train: kept ?? (await open(options.data, options, kind)),
    validation: options.validation === undefined ? undefined : await open(options.validation, options, kind),
    kind,
    lengthOf: tokenizer && (({ text, textPair }) => tokenizer.encodeIds(text, textPair).untruncatedLength),
    maxLength: options.maxSeqLength,
  });
}

async function open(
  input: DataInput,
  options: ResolvedInspectOptions,
  kind: "class" | "number" | "multi" | "auto",
): Promise<SurveyData<Example>> {
  const needs = { label: "required", kind } as const;
  const { name, layout, examples } = await openExamples(input, { ...readOptions(options), needs });
  return { name, layout: withoutName(name, layout), examples: watched(examples, options.signal) };
}

/**
 * What the labels are: as the problem type says, or told from all of them. Rows that do not come twice are kept, for
 * the report.
 */
async function kindOf(
  options: ResolvedInspectOptions,
): Promise<{ kind: "class" | "number" | "multi"; kept?: SurveyData<Example> }> {
  const { kind } = readOptions(options).needs;
  if (kind !== "auto") return { kind };
  const repeatable = await isRepeatable(options.data);
  const data = await open(options.data, options, "auto");
  const labels = new Set<string>();
  const rows: Example[] = [];
  let several = false;
  for await (const example of data.examples) {
    if (Array.isArray(example.label)) several = true;
    else if (example.label !== undefined) labels.add(example.label);
    if (!repeatable) rows.push(example);
    else if (several) break;
  }
  const told = several ? "multi" : lookLikeScores(labels) ? "number" : "class";
  return { kind: told, kept: repeatable ? undefined : { ...data, examples: inOrder(rows) } };
}

async function* inOrder(rows: readonly Example[]): AsyncGenerator<Example> {
  yield* rows;
}
