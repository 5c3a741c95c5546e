/**
 * What the cross-entropy of one supervised row or token is taken against: its class, less sure by label smoothing (Szegedy
 * et al. 2016, section 7; transformers' `LabelSmoother`), and weighted by its class (torch's `CrossEntropyLoss`).
 */

export interface TargetOptions {
  /** Share of the target that all classes have alike; default 0. */
  labelSmoothing?: number;
  /** A weight a class, in the order of the logits; default 1 for each. */
  classWeights?: readonly number[];
}

export interface SoftTargets {
  /** `target [C]` of a row whose class is `label`: w (1 - e + e / C) at its class, w e / C elsewhere. */
  write(label: number, target: Float32Array): void;
  /** What the row counts in the loss's mean. */
  weight(label: number): number;
}

export function softTargets({ labelSmoothing = 0, classWeights }: TargetOptions): SoftTargets {
  const weight = (label: number) => classWeights?.[label] ?? 1;
  return {
    weight,
    write: (label, target) => {
      const rest = (weight(label) * labelSmoothing) / target.length;
      target.fill(rest);
      target[label] = weight(label) * (1 - labelSmoothing) + rest;
    },
  };
}

/** Weights that give each class the same sum, 1 on average over the rows; 0 for a class without rows (scikit-learn). */
export function balancedWeights(counts: readonly number[]): number[] {
  const present = counts.filter((count) => count > 0).length;
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count) => (count > 0 ? total / (present * count) : 0));
}
