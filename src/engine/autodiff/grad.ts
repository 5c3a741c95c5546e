/**
 * Reverse mode: walks the tape backwards, asks each record for its vector-Jacobian product and adds the results.
 * Knows no operator but the addition and the sum that it needs itself.
 */
import { sameDims } from "../graph/dims.ts";
import type { TapeRecord, Tensor } from "../graph/graph.ts";
import { add } from "../ops/elementwise.ts";
import { reduceSum } from "../ops/reduce.ts";

/**
 * d `y` / d each of `wrt`, times `seed` (the cotangent of `y`, of its dims). Adds the backward nodes to the graph.
 * Throws where `y` depends on one of `wrt` through an operation without a derivative, or not at all.
 */
export function grad(y: Tensor, wrt: readonly Tensor[], seed: Tensor): Tensor[] {
  if (!sameDims(seed.dims, y.dims)) {
    throw new TypeError(`grad: a seed of [${seed.dims.join(", ")}] for a result of [${y.dims.join(", ")}]`);
  }
  const tape = [...y.graph.tape];
  const dependent = dependents(tape, wrt);
  const cotangents = new Map<Tensor, Tensor>([[y, seed]]);
  for (const record of tape.reverse()) {
    const given = record.outputs.map((output) => cotangents.get(output));
    if (given.every((cotangent) => cotangent === undefined) || !record.inputs.some((x) => dependent.has(x)))
      continue;
    if (!record.vjp) throw new Error(`grad: ${record.what} has no derivative`);
    const results = record.vjp(given);
    record.inputs.forEach((input, i) => {
      const cotangent = results[i];
      if (!cotangent || !dependent.has(input)) return;
      const sum = cotangents.get(input);
      const own = unbroadcast(cotangent, input);
      cotangents.set(input, sum ? add(sum, own) : own);
    });
  }
  return wrt.map((tensor) => {
    const cotangent = cotangents.get(tensor);
    if (!cotangent) throw new Error(`grad: ${y.name} does not depend on ${tensor.name}`);
    return cotangent;
  });
}

/** All tensors that are computed from one of `roots`, and the roots. */
function dependents(tape: readonly TapeRecord[], roots: readonly Tensor[]): Set<Tensor> {
  const found = new Set(roots);
  for (const { inputs, outputs } of tape) {
    if (inputs.some((input) => found.has(input))) for (const output of outputs) found.add(output);
  }
  return found;
}

/** Sums the axes along which `input` was stretched to the dims of its cotangent. */
function unbroadcast(cotangent: Tensor, input: Tensor): Tensor {
  if (sameDims(cotangent.dims, input.dims)) return cotangent;
  const lead = cotangent.dims.length - input.dims.length;
  const aligned = reduceSum(cotangent, { axes: Array.from({ length: lead }, (_, i) => i) });
  const axes = input.dims.flatMap((dim, i) => (dim === 1 && aligned.dims[i] !== 1 ? [i] : []));
  return reduceSum(aligned, { axes, keepDims: true });
}
