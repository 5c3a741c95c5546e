/** The optimizer's part of a step: the gradients' global norm, clipping, AdamW on everything that learns. */
import { type StoredParameter, together } from "./parameter-store.ts";

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
  together(learning, (kernels, { spec, gradient, marks, squares }) => {
    if (spec.table) kernels.sumOfMarkedRows(gradient, marks, squares);
    else kernels.sumOfSquares(gradient, squares);
  });
  return Math.sqrt(learning.reduce((sum, { squares }) => sum + squares[0], 0));
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
  together(learning, (kernels, parameter) => {
    const { spec, weight, rounded, gradient, moment1, moment2, marks, decays } = parameter;
    const numbers = {
      ...common,
      learningRate: step.learningRate * rateFactor(spec.name),
      weightDecay: decays ? options.weightDecay : 0,
    };
    const arrays = [weight, gradient, moment1, moment2] as const;
    for (const [start, end] of pieces(spec.dims)) {
      const [p, g, m, v] = arrays.map((array) => array.subarray(start, end));
      const width = weight.length / spec.dims[0];
      if (spec.table) kernels.adamwRows(p, g, m, v, marks.subarray(start / width, end / width), numbers);
      else kernels.adamw(p, g, m, v, numbers, rounded.subarray(start, end));
    }
  });
}

/** What one thread takes at a time, in elements: small beside all of them, large beside the taking. */
const PIECE = 2 ** 18;

/** Start and end of stretches of whole rows of a tensor. */
function pieces([rows, ...rest]: readonly number[]): [number, number][] {
  const width = rest.reduce((a, b) => a * b, 1);
  const step = Math.max(1, Math.floor(PIECE / width));
  const count = Math.ceil(rows / step);
  return Array.from({ length: count }, (_, i) => [i * step * width, Math.min(rows, (i + 1) * step) * width]);
}
