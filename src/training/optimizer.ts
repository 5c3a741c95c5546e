/** The optimizer's part of a step: the gradients' global norm, clipping, AdamW on everything that learns. */
import type { StoredParameter } from "./parameter-store.ts";

export interface OptimizerOptions {
  weightDecay: number;
  /** Global norm that gradients are scaled down to; 0: not. */
  maxGradNorm: number;
  adamBeta1: number;
  adamBeta2: number;
  adamEpsilon: number;
  /** Whether the moments are scaled up while they have seen few steps. */
  adamBiasCorrection: boolean;
  /** Factor on the learning rate of a parameter, by its name; default 1 for all. */
  rateFactor?: (parameter: string) => number;
}

/** The norm of all gradients together; NaN or infinite where one of them is. */
export function gradientNorm(learning: readonly StoredParameter[]): number {
  return Math.sqrt(
    learning.reduce((sum, { gradient, arena }) => sum + arena.kernels.sumOfSquares(gradient), 0),
  );
}

/** Factor on the gradients: torch.nn.utils.clip_grad_norm_'s max_norm / (norm + 1e-6), never above 1. */
export function clipping(norm: number, { maxGradNorm }: OptimizerOptions): number {
  return maxGradNorm > 0 ? Math.min(1, maxGradNorm / (norm + 1e-6)) : 1;
}

/** Moves the weights. `updates`: how often they were moved before. */
export function moveWeights(
  learning: readonly StoredParameter[],
  step: { updates: number; learningRate: number; gradientScale: number },
  options: OptimizerOptions,
): void {
  const { adamBeta1: beta1, adamBeta2: beta2, adamEpsilon: epsilon, rateFactor = () => 1 } = options;
  const correction = (beta: number) => (options.adamBiasCorrection ? 1 - beta ** (step.updates + 1) : 1);
  const common = {
    ...{ beta1, beta2, epsilon, gradientScale: step.gradientScale },
    biasCorrection1: correction(beta1),
    biasCorrection2: correction(beta2),
  };
  for (const { spec, weight, gradient, moment1, moment2, touched, decays, arena } of learning) {
    const numbers = {
      ...common,
      learningRate: step.learningRate * rateFactor(spec.name),
      weightDecay: decays ? options.weightDecay : 0,
    };
    if (spec.table) arena.kernels.adamwRows(weight, gradient, moment1, moment2, touched, numbers);
    else arena.kernels.adamw(weight, gradient, moment1, moment2, numbers);
  }
}
