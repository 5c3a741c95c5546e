/** Label smoothing and class weights of a run, from its options and its training rows. */
import type { Features } from "../tasks/features.ts";
import { balancedWeights, type TargetOptions } from "../tasks/soft-targets.ts";
import { nearMiss, UsageError } from "../util/errors.ts";
import type { FineTuneOptions } from "./options.ts";

type Given = Pick<FineTuneOptions, "labelSmoothingFactor" | "classWeights">;

/** `labels` in the order of the logits. Throws `UsageError` for a label that there is not, or a weight that is none. */
export function targetOptions(given: Given, labels: readonly string[], features: Features): TargetOptions {
  const { labelSmoothingFactor: labelSmoothing, classWeights } = given;
  if (classWeights === undefined) return { labelSmoothing };
  if (classWeights === "balanced") {
    return { labelSmoothing, classWeights: balancedWeights(countLabels(features, labels.length)) };
  }
  return { labelSmoothing, classWeights: weightsByName(classWeights, labels) };
}

/** Throws `UsageError` where an option is given whose meaning is one class a row. */
export function refuseTargetOptions(given: Given, problemType: string): void {
  for (const name of ["labelSmoothingFactor", "classWeights"] as const) {
    if (given[name] === undefined) continue;
    throw new UsageError(`${name} has no meaning for ${problemType}; it is for one label a row.`, [name]);
  }
}

/** Rows, or supervised tokens, of each label. */
function countLabels(features: Features, count: number): number[] {
  const counts = new Array<number>(count).fill(0);
  for (let row = 0; row < features.rows; row++) {
    for (const label of features.label(row)) if (label >= 0) counts[label] += 1;
  }
  return counts;
}

function weightsByName(weights: Readonly<Record<string, number>>, labels: readonly string[]): number[] {
  for (const [name, weight] of Object.entries(weights)) {
    if (!labels.includes(name)) throw new UsageError(unknownLabel(name, labels), ["classWeights"]);
    if (typeof weight === "number" && weight > 0 && Number.isFinite(weight)) continue;
    throw new UsageError(`classWeights: ${name} has ${JSON.stringify(weight)}, expected a number above 0.`, [
      "classWeights",
    ]);
  }
  return labels.map((label) => weights[label] ?? 1);
}

function unknownLabel(name: string, labels: readonly string[]): string {
  const near = nearMiss(name, labels);
  const hint =
    near === undefined ? `the labels are ${labels.slice(0, 10).join(", ")}` : `did you mean ${near}`;
  return `classWeights: no label "${name}"; ${hint}${near === undefined ? "." : "?"}`;
}
