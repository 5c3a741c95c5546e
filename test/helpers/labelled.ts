/** Rows of one token with the labels that a test gives. */
import { Features } from "../../src/tasks/features.ts";

/** A row a label, which is its numbers. */
export function labelled(...labels: ArrayLike<number>[]): { features: Features } {
  const features = new Features(10);
  for (const _ of labels) features.add([1], 1);
  const values = Float32Array.from(labels.flatMap((label) => Array.from(label)));
  features.setLabels({ width: labels[0].length, values });
  return { features };
}
