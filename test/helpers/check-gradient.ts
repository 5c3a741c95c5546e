/**
 * Gradients against finite differences by random projection (as autograd's `check_grads`): for random directions u of
 * an input and v of the output, <u, J^T v> from reverse mode must equal d/dh <v, f(x + h u)>.
 */
import { grad } from "../../src/engine/autodiff/grad.ts";
import type { Dims } from "../../src/engine/graph/dims.ts";
import { type DType, Graph, type Tensor } from "../../src/engine/graph/graph.ts";
import { uniform } from "../../src/util/random.ts";
import { createRunner, type Feeds, type Runner, type Sizes, sizeOf } from "./run-graph.ts";

/** The step of the differences. At order 4 the error of the formula is some h^4 = 4e-7, that of float32 1e-7 / h = 4e-6. */
const STEP = 0.025;
/** Far above both errors, and a tenth of what one wrong element in a hundred would make. */
const TOLERANCE = 1e-3;
const DIRECTIONS = 2;

/** An input whose gradient is checked: its dims, and values where those from -1 to 1 will not do. */
export interface Input {
  readonly dims: Dims;
  readonly value?: (i: number) => number;
}

export interface GradientCase {
  readonly inputs: readonly Input[];
  /** Inputs without a gradient, such as row numbers and masks. */
  readonly fixed?: Readonly<Record<string, { dtype: DType; dims: Dims; values: ArrayLike<number> }>>;
  /** Values of inputs that `f` adds to the graph itself. */
  readonly own?: Feeds;
  readonly sizes?: Sizes;
  /** The function. */
  readonly f: (inputs: readonly Tensor[], fixed: Readonly<Record<string, Tensor>>) => Tensor;
}

/** Relative to the norm of the products u_i g_i, for each input, the worst over the directions. */
export async function gradientErrors(given: GradientCase): Promise<number[]> {
  const { inputs, fixed = {}, own = {}, sizes = {}, f } = given;
  const graph = new Graph();
  const tensors = inputs.map(({ dims }, i) => graph.input(`x${i}`, "float32", dims));
  const others = Object.entries(fixed).map(([name, { dtype, dims }]) => [
    name,
    graph.input(name, dtype, dims),
  ]);
  const y = f(tensors, Object.fromEntries(others));
  const seed = graph.input("seed", "float32", y.dims);
  const cotangents = grad(y, tensors, seed);
  const feeds: Feeds = {
    ...own,
    ...Object.fromEntries(Object.entries(fixed).map(([name, { values }]) => [name, values])),
    ...Object.fromEntries(
      inputs.map(({ dims, value }, i) => {
        const random = direction(sizeOf(dims, sizes), i);
        return [`x${i}`, value ? random.map((_, j) => value(j)) : random];
      }),
    ),
  };
  const v = direction(sizeOf(y.dims, sizes), 100);
  const forward = await createRunner(graph, { y }, sizes);
  const named = Object.fromEntries(cotangents.map((cotangent, i) => [`g${i}`, cotangent]));
  const backward = await createRunner(graph, named, sizes);
  try {
    const gradients = await backward.run({ ...feeds, seed: v });
    const errors: number[] = [];
    for (const i of inputs.keys())
      errors.push(await worstError(forward, feeds, `x${i}`, gradients[`g${i}`], v));
    return errors;
  } finally {
    forward.dispose();
    backward.dispose();
  }
}

/** Throws where an input's gradient is off by more than the tolerance. */
export async function checkGradient(given: GradientCase): Promise<void> {
  const errors = await gradientErrors(given);
  errors.forEach((error, i) => {
    // NaN is no pass.
    if (!(error <= TOLERANCE)) throw new Error(`the gradient of input ${i} is off by ${error}`);
  });
}

async function worstError(
  forward: Runner,
  feeds: Feeds,
  name: string,
  gradient: Float32Array,
  v: Float32Array,
): Promise<number> {
  let worst = 0;
  for (let d = 0; d < DIRECTIONS; d++) {
    const u = direction(gradient.length, 200 + d);
    const at = async (h: number) => {
      const x = Float32Array.from(feeds[name], (value, i) => value + h * u[i]);
      return dot(v, (await forward.run({ ...feeds, [name]: x })).y);
    };
    const near = (await at(STEP)) - (await at(-STEP));
    const far = (await at(2 * STEP)) - (await at(-2 * STEP));
    const expected = (8 * near - far) / (12 * STEP);
    const scale = Math.hypot(...gradient.map((g, i) => g * u[i]));
    worst = Math.max(worst, Math.abs(dot(u, gradient) - expected) / scale);
  }
  return worst;
}

/** Numbers from -1 to 1, the same for the same `stream`. */
function direction(length: number, stream: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => 2 * uniform(stream, i) - 1);
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
