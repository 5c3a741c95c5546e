/**
 * The model folder that a checkpoint makes: its tensors against the checkpoint's, bit by bit, and what it says of a few
 * rows once it is loaded as any model is, against what the checkpoint's weights say.
 */
import { WEIGHTS } from "../../files/shards.ts";
import type { Features } from "../../tasks/features.ts";
import { FILES, loadCheckpoint, readCheckpoint } from "../checkpoints/checkpoint.ts";
import { exportModel } from "../fine-tune.ts";
import type { FineTuneOptions } from "../options.ts";
import { Scorer } from "../scorer.ts";
import { type OpenedRun, withRun } from "../with-run.ts";
import { type Comparison, compareFiles } from "./compare-checkpoints.ts";

export interface ExportReport extends Comparison {
  /** How many rows both were asked for, and the numbers (from 0) of those with other logits. */
  readonly rows: number;
  readonly differingRows: readonly number[];
}

/** Rows that are compared. */
const ROWS = 4;

/** `options` are those of the run; the model is written to `folder`. */
export async function checkExport(
  options: FineTuneOptions,
  checkpoint: string,
  folder: string,
): Promise<ExportReport> {
  const quiet = { ...options, output: undefined, resume: undefined };
  const expected = await withRun(quiet, async (opened) => {
    const content = await readCheckpoint(checkpoint);
    await loadCheckpoint(content, opened.run.store);
    const { history, meanLoss, step: steps } = content.state;
    await exportModel(options, folder, opened, { metrics: {}, history, bestStep: steps, steps, meanLoss });
    return logitsOf(opened, options);
  });
  const found = await withRun({ ...quiet, model: folder }, (opened) => logitsOf(opened, options));
  const compared = await compareFiles(`${checkpoint}/${FILES.weights}`, `${folder}/${WEIGHTS}`);
  const differingRows = expected.flatMap((logits, row) => (sameNumbers(logits, found[row]) ? [] : [row]));
  return { ...compared, rows: expected.length, differingRows };
}

async function logitsOf({ run, sources, runtime }: OpenedRun, { threads, signal }: FineTuneOptions) {
  const { store, programs } = run;
  const scorer = await Scorer.create({ runtime, program: programs.evaluation, store, threads });
  try {
    return await firstLogits(scorer, sources.train.features, signal);
  } finally {
    scorer.dispose();
  }
}

async function firstLogits(
  scorer: Scorer,
  features: Features,
  signal?: AbortSignal,
): Promise<Float32Array[]> {
  const list: Float32Array[] = [];
  for (let row = 0; row < Math.min(ROWS, features.rows); row++) {
    const keep = (_: number, logits: Float32Array) => void list.push(logits.slice());
    await scorer.scoreBatch(features, Uint32Array.of(row), keep, signal);
  }
  return list;
}

function sameNumbers(a: Float32Array, b: Float32Array | undefined): boolean {
  return a.length === b?.length && a.every((value, i) => Object.is(value, b[i]));
}
