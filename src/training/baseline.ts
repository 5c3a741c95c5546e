/** What a prediction that ignores the text scores: the mark that a trained model must beat. */
import type { Task, TaskData } from "../tasks/task.ts";

/** The task's metrics on `validation` when every row is given the commonest answer of `train`. */
export function trivialMetrics<D extends TaskData>(
  task: Task<D>,
  train: D,
  validation: D,
): Record<string, number> {
  const answer = task.trivialAnswer(train);
  const evaluation = task.evaluation(validation);
  const { features } = validation;
  for (let row = 0; row < features.rows; row++) evaluation.update(row, answer(features.length(row)));
  return evaluation.compute();
}
