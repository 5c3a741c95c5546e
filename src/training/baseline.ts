/** What a prediction that ignores the text scores: the mark that a trained model must beat. */
import type { Task } from "../tasks/task.ts";
import type { Features } from "./features.ts";

/**
 * The task's metrics on `validation` when every row is given the most frequent label of `train` (each of several
 * labels by itself; for regression the mean).
 */
export function trivialMetrics(task: Task, train: Features, validation: Features): Record<string, number> {
  const answer = trivialLogits(task, train);
  const evaluation = task.evaluation();
  for (let row = 0; row < validation.rows; row++) evaluation.update(answer, validation.label(row));
  return evaluation.compute();
}

/** Mean targets over the rows, as logits: the largest share wins, and a share of a half is a logit of 0. */
function trivialLogits(task: Task, train: Features): Float32Array {
  const width = task.targetDims.at(-1) as number;
  const sums = new Float64Array(width);
  const targets = new Float32Array(width);
  for (let row = 0; row < train.rows; row++) {
    task.writeTargets(train.label(row), targets);
    targets.forEach((value, i) => {
      sums[i] += value;
    });
  }
  return Float32Array.from(sums, (sum) => task.logitOfMean(sum / train.rows));
}
