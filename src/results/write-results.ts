/** What the kept weights of a run say of its validation rows: predictions.jsonl, errors.csv and evaluation.json. */
import { writeFileAtomic } from "../files/atomic.ts";
import { readJson, TEXT_LIMITS } from "../files/model-folder.ts";
import { ScratchFiles } from "../files/scratch-files.ts";
import { decoderOf } from "../inference/decoders/decoder-of.ts";
import { RowLogits } from "../tasks/row-logits.ts";
import { type Dataset, isRepeatable } from "../training/dataset.ts";
import { ERRORS, EVALUATION, PREDICTIONS } from "../training/run-folder/names.ts";
import type { KeptRun } from "../training/run-hooks.ts";
import { InputError } from "../util/errors.ts";
import { ErrorTable } from "./error-table.ts";
import { type EvaluationFile, evaluationFile } from "./evaluation-file.ts";
import { lineKindOf } from "./line-kinds.ts";
import { MistakeCounter } from "./mistakes.ts";
import { type ResultSource, resultLines } from "./result-lines.ts";
import { validationRows } from "./validation-rows.ts";

/** Of rows that come only once nothing is written, and a warning says so. */
export async function writeResults(kept: KeptRun): Promise<EvaluationFile | undefined> {
  const { sources, run } = kept;
  const { validation: data, scored } = sources;
  if (scored?.validation === undefined || !data || !run.validation) return undefined;
  const { validation } = scored;
  if (!(await isRepeatable(validation))) {
    const message = `${data.name}: these rows come only once, so ${PREDICTIONS} and ${ERRORS} are not written`;
    run.emit({ type: "warning", message });
    return undefined;
  }
  const scratch = new ScratchFiles();
  try {
    const logits = await scoreRows(kept, data, scratch);
    const source = await sourceOf(kept, { data, logits, rows: validationRows({ ...scored, validation }) });
    return await writeFiles(kept.folder, source, run.validation.metric);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // The model is whole: a full disk or a file that was changed meanwhile does not undo the training.
    run.emit({ type: "warning", message: `${PREDICTIONS}: not written: ${error.message}` });
    return undefined;
  } finally {
    scratch.close();
  }
}

async function scoreRows({ run }: KeptRun, { features }: Dataset, scratch: ScratchFiles): Promise<RowLogits> {
  const logits = new RowLogits(features.rows, scratch);
  const onProgress = (done: number, total: number) => run.emit({ type: "evaluating", done, total });
  await run.validation?.scorer.score(features, (row, values) => logits.add(row, values), {
    signal: run.signal,
    onProgress,
  });
  return logits;
}

/** The task is that of the saved model, so that a line says what `predict` says of the row. */
async function sourceOf(
  { folder, options, sources, run }: KeptRun,
  { data, logits, rows }: { data: Dataset; logits: RowLogits; rows: ResultSource["rows"] },
): Promise<ResultSource> {
  const json = await readJson(folder, "config.json", TEXT_LIMITS.config);
  const task = sources.application.fromConfig(folder, json, {});
  const { docStride, docStep, maxQuestionLength } = options;
  const windows = { maxSeqLength: sources.maxSeqLength, docStride, docStep, maxQuestionLength };
  return {
    ...{ task, data, rows },
    decoder: decoderOf(task, sources.files.tokenizer, windows),
    kind: lineKindOf(task),
    logits: (window) => logits.of(window),
    trivial: run.task.trivialAnswer(sources.train),
  };
}

async function writeFiles(folder: string, source: ResultSource, metric: string): Promise<EvaluationFile> {
  const { kind, data } = source;
  const [model, baseline] = [kind.collector(), kind.collector()];
  const errors = new ErrorTable(kind);
  const mistakes = new MistakeCounter();
  async function* lines(): AsyncGenerator<Uint8Array> {
    const encoder = new TextEncoder();
    for await (const { line, baseline: trivial } of resultLines(source)) {
      model.add(line);
      baseline.add(trivial);
      errors.add(line);
      mistakes.add(kind.mistakes(line));
      yield encoder.encode(`${JSON.stringify(line)}\n`);
    }
  }
  await writeFileAtomic(`${folder}/${PREDICTIONS}`, lines());
  await writeFileAtomic(`${folder}/${ERRORS}`, errors.text());
  const evaluation = evaluationFile({
    ...{ on: data.name, rows: data.examples, metric },
    model: model.finish(),
    baseline: baseline.finish(),
    mistakes: mistakes.list(),
  });
  await writeFileAtomic(`${folder}/${EVALUATION}`, `${JSON.stringify(evaluation, null, 2)}\n`);
  return evaluation;
}
