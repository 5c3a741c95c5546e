/** What labelled data holds, before any training: rows, labels, lengths, duplicates, overlaps, baseline. */
import { DEFAULT_MODEL } from "../files/hub/model-name.ts";
import { findModel } from "../files/hub/resolve.ts";
import type { Example } from "../text/data/examples.ts";
import { type DataReport, inspectData as inspectSplits } from "../text/data/inspect.ts";
import { lookLikeScores } from "../text/data/labels.ts";
import { openExamples, readOptions } from "../training/classification-data.ts";
import { isRepeatable } from "../training/dataset.ts";
import { openTokenizer } from "../training/model-files.ts";
import type { DataInput } from "../training/options.ts";
import type { InspectOptions } from "./options.ts";

/**
 * Reads the data once and reports. Lengths are counted where the model's tokenizer is on this machine: nothing is
 * downloaded for a look at the data.
 */
export async function inspectData(options: InspectOptions): Promise<DataReport> {
  const found = await findModel(options.model ?? DEFAULT_MODEL);
  const tokenizer = found && (await openTokenizer(found.folder));
  const { kind, kept } = await kindOf(options);
  const read = readOptions(options);
  const open = async (input: DataInput) => {
    const { name, examples } = await openExamples(input, { ...read, needs: { label: "required", kind } });
    return { name, examples };
  };
  return inspectSplits({
    train: kept ?? (await open(options.data)),
    validation: options.validation === undefined ? undefined : await open(options.validation),
    kind,
    lengthOf: tokenizer && (({ text, textPair }) => tokenizer.encodeIds(text, textPair).untruncatedLength),
    maxLength: options.maxSeqLength ?? 128,
  });
}

/**
 * What the labels are: as the problem type says, or told from all of them. Rows that do not come twice are kept, for
 * the report.
 */
async function kindOf(options: InspectOptions): Promise<{ kind: "class" | "number" | "multi"; kept?: Kept }> {
  const { kind } = readOptions(options).needs;
  if (kind !== "auto") return { kind };
  const repeatable = await isRepeatable(options.data);
  const { name, examples } = await openExamples(options.data, readOptions(options));
  const labels = new Set<string>();
  const rows: Example[] = [];
  let several = false;
  for await (const example of examples) {
    if (Array.isArray(example.label)) several = true;
    else if (example.label !== undefined) labels.add(example.label);
    if (!repeatable) rows.push(example);
    else if (several) break;
  }
  const told = several ? "multi" : lookLikeScores(labels) ? "number" : "class";
  return { kind: told, kept: repeatable ? undefined : { name, examples: inOrder(rows) } };
}

interface Kept {
  name: string;
  examples: AsyncIterable<Example>;
}

async function* inOrder(rows: readonly Example[]): AsyncGenerator<Example> {
  yield* rows;
}
