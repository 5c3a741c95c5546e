/** The model's parameters in an arena, each under its checkpoint name, with gradient and AdamW moments where it trains. */
import type { Arena } from "../engine/kernels/arena.ts";
import type { TensorView } from "../engine/runtime/session.ts";
import { decays, type ParameterSpec } from "../model/parameters.ts";
import { hashText, normal, PURPOSE } from "../util/random.ts";

export interface StoredParameter {
  readonly spec: ParameterSpec;
  readonly weight: Float32Array;
  /** Empty in a store that does not train. */
  readonly gradient: Float32Array;
  readonly moment1: Float32Array;
  readonly moment2: Float32Array;
  readonly decays: boolean;
}

export class ParameterStore {
  readonly arena: Arena;
  readonly parameters: readonly StoredParameter[];
  readonly #byName: ReadonlyMap<string, StoredParameter>;

  /** Takes memory for `specs`; kinds lie together (all weights, all gradients, …) so that kernels walk forward. */
  constructor(arena: Arena, specs: readonly ParameterSpec[], options: { training: boolean }) {
    this.arena = arena;
    const sizes = specs.map(({ dims }) => product(dims));
    const block = (wanted: boolean) => sizes.map((size) => arena.float32(wanted ? size : 0));
    const weights = block(true);
    const [gradients, first, second] = [1, 2, 3].map(() => block(options.training));
    this.parameters = specs.map((spec, i) => ({
      spec,
      weight: weights[i],
      gradient: gradients[i],
      moment1: first[i],
      moment2: second[i],
      decays: decays(spec.name),
    }));
    this.#byName = new Map(this.parameters.map((parameter) => [parameter.spec.name, parameter]));
  }

  /** Bytes that the constructor takes from an arena. */
  static bytes(specs: readonly ParameterSpec[], options: { training: boolean }): number {
    const one = specs.reduce((sum, { dims }) => sum + Math.ceil((product(dims) * 4) / 64) * 64, 0);
    return one * (options.training ? 4 : 1);
  }

  get(name: string): StoredParameter {
    const found = this.#byName.get(name);
    if (!found) throw new Error(`internal: no parameter ${name}`);
    return found;
  }

  /** Weights as session inputs, by parameter name. */
  weightViews(): Record<string, TensorView> {
    return Object.fromEntries(
      this.parameters.map(({ spec, weight }) => [
        spec.name,
        { type: "float32" as const, dims: spec.dims, data: weight },
      ]),
    );
  }

  /** A copy of all weights, to go back to; an earlier copy is written over. */
  snapshot(reuse?: Float32Array[]): Float32Array[] {
    return this.parameters.map(({ weight }, i) => {
      const copy = reuse?.[i] ?? new Float32Array(weight.length);
      copy.set(weight);
      return copy;
    });
  }

  restore(snapshot: readonly Float32Array[]): void {
    this.parameters.forEach(({ weight }, i) => {
      weight.set(snapshot[i]);
    });
  }
}

/** Starts a parameter that no checkpoint has; the numbers depend on (seed, its name, index) alone. */
export function initialize({ spec, weight }: StoredParameter, seed: number, range: number): void {
  if (spec.initializer !== "normal") {
    weight.fill(spec.initializer === "ones" ? 1 : 0);
    return;
  }
  const stream = hashText(spec.name);
  for (let i = 0; i < weight.length; i++) weight[i] = range * normal(seed, PURPOSE.initialization, stream, i);
}

function product(dims: readonly number[]): number {
  return dims.reduce((a, b) => a * b, 1);
}
