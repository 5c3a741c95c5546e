/**
 * The model's parameters in memory that sessions and kernels share, each under its checkpoint name, with gradient and
 * AdamW moments where it learns, and in bf16 too where a runtime reads that. A model above 4 GiB takes several memories; the first one has the embedding tables and
 * the room for each step's feeds.
 */
import { Arena } from "../engine/kernels/arena.ts";
import type { Kernels } from "../engine/kernels/kernels.ts";
import type { TensorView } from "../engine/runtime/session.ts";
import { decays, type ParameterSpec } from "../model/parameters.ts";
import { hashText, normal, PURPOSE } from "../util/random.ts";
import type { Program } from "./program.ts";

export interface StoredParameter {
  readonly spec: ParameterSpec;
  /** Who writes it calls `round` of the store; the optimizer writes `rounded` itself. */
  readonly weight: Float32Array;
  /** `weight` in bf16, where a program reads that; else empty. */
  readonly rounded: Uint16Array;
  /** Empty where it does not learn; so are the moments. */
  readonly gradient: Float32Array;
  readonly moment1: Float32Array;
  readonly moment2: Float32Array;
  /** Where a micro-batch's gradient lands before it is added, in a store that accumulates. */
  readonly partial: Float32Array;
  /** A byte a row of a table that learns: 2 where it has a gradient, 1 where it had one before. Empty for the others. */
  readonly marks: Uint8Array;
  /** One number, for the sum of the gradient's squares. */
  readonly squares: Float64Array;
  readonly decays: boolean;
  /** Whether it stays as it is while others learn. */
  readonly frozen: boolean;
  /** The memory that it lies in. */
  readonly arena: Arena;
}

export interface StoreOptions {
  /** Whether there are gradients and moments. */
  training: boolean;
  /** Names of the parameters that do not learn all the same; default none. */
  frozen?: ReadonlySet<string>;
  /** Names of the parameters that are kept in bf16 too; default none. */
  rounded?: ReadonlySet<string>;
  /** Whether there are partial gradients, for steps of several micro-batches. */
  accumulates?: boolean;
  /** Room for a batch's feeds and outputs, in bytes. */
  batchBytes: number;
  /** How many threads may run kernels; default 1. */
  threads?: number;
  /** Bytes of one memory at most; default 4 GiB, the most there is. */
  memoryBytes?: number;
}

const MEMORY_BYTES = 4 * 2 ** 30;

export class ParameterStore {
  /** The memory for each step's feeds. */
  readonly arena: Arena;
  readonly parameters: readonly StoredParameter[];
  readonly #byName: ReadonlyMap<string, StoredParameter>;

  /** Throws `RangeError` where a single tensor exceeds a memory, `InputError` where the system has no memory left. */
  static async create(specs: readonly ParameterSpec[], options: StoreOptions): Promise<ParameterStore> {
    const stored = new Map<ParameterSpec, StoredParameter>();
    const arenas: Arena[] = [];
    for (const { members, bytes } of groups(specs, options)) {
      const arena = await Arena.create(bytes, options);
      arenas.push(arena);
      for (const parameter of place(arena, members, options)) stored.set(parameter.spec, parameter);
    }
    return new ParameterStore(
      arenas[0],
      specs.map((spec) => stored.get(spec)!),
    );
  }

  private constructor(arena: Arena, parameters: readonly StoredParameter[]) {
    this.arena = arena;
    this.parameters = parameters;
    this.#byName = new Map(parameters.map((parameter) => [parameter.spec.name, parameter]));
  }

  /** Bytes that `create` takes, feeds included. */
  static bytes(specs: readonly ParameterSpec[], options: StoreOptions): number {
    return groups(specs, options).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get(name: string): StoredParameter {
    const found = this.#byName.get(name);
    if (!found) throw new Error(`internal: no parameter ${name}`);
    return found;
  }

  /** What a program reads of the parameters, by the names of its inputs. */
  views({ parameters, rounded }: Pick<Program, "parameters" | "rounded">): Record<string, TensorView> {
    const short = new Set(rounded.values());
    const float32 = parameters
      .map(({ name }) => this.get(name))
      .filter(({ spec }) => !short.has(spec.name))
      .map(({ spec, weight }) => [spec.name, { type: "float32", dims: spec.dims, data: weight }]);
    const bf16 = [...rounded].map(([input, name]) => {
      const { spec, rounded: data } = this.get(name);
      return [input, { type: "bfloat16", dims: spec.dims, data }];
    });
    return Object.fromEntries([...float32, ...bf16]);
  }

  /** To be called when weights were written: what is kept in bf16 follows them. */
  round(): void {
    const kept = this.parameters.filter(({ rounded }) => rounded.length > 0);
    together(kept, (kernels, { weight, rounded }) => kernels.roundToBf16(rounded, weight));
  }

  /**
   * Clears gradients and moments, before a checkpoint is read: the system gives their memory now and not in the first step,
   * which costs nothing while a runtime compiles. Tables are left out: a step touches the rows alone that a batch reads.
   */
  clear(): void {
    for (const { spec, gradient, moment1, moment2, partial } of this.parameters) {
      if (!spec.table) for (const array of [gradient, moment1, moment2, partial]) array.fill(0);
    }
  }

  /** A copy of all weights that may change, to go back to, beside the others themselves; an earlier copy is written over. */
  snapshot(reuse?: Float32Array[]): Float32Array[] {
    return this.parameters.map(({ weight, frozen }, i) => {
      if (frozen) return weight;
      const copy = reuse?.[i] ?? new Float32Array(weight.length);
      copy.set(weight);
      return copy;
    });
  }

  /** To be called when training is over: threads that help with kernels hold the memory. */
  end(): void {
    for (const arena of new Set(this.parameters.map((parameter) => parameter.arena))) arena.end();
  }

  restore(snapshot: readonly Float32Array[]): void {
    this.parameters.forEach(({ weight }, i) => {
      weight.set(snapshot[i]);
    });
    this.round();
  }
}

/** Calls kernels for each parameter, none of which reads what another writes. */
export function together(
  parameters: readonly StoredParameter[],
  call: (kernels: Kernels, parameter: StoredParameter) => void,
): void {
  for (const arena of new Set(parameters.map((parameter) => parameter.arena))) {
    const own = parameters.filter((parameter) => parameter.arena === arena);
    arena.together((kernels) => {
      for (const parameter of own) call(kernels, parameter);
    });
  }
}

interface Group {
  members: ParameterSpec[];
  bytes: number;
}

/** Tables first, then the others in order, as many as fit into each memory. */
function groups(specs: readonly ParameterSpec[], options: StoreOptions): Group[] {
  const limit = options.memoryBytes ?? MEMORY_BYTES;
  const ordered = [...specs.filter(({ table }) => table), ...specs.filter(({ table }) => !table)];
  const list: Group[] = [{ members: [], bytes: options.batchBytes + 64 }];
  for (const spec of ordered) {
    const marks = learns(spec, options) ? markBytes(spec) : 0;
    const size = product(spec.dims);
    const rounded = options.rounded?.has(spec.name) ? align(size * 2) : 0;
    const bytes = copies(options, spec) * align(size * 4) + rounded + align(marks) + align(8);
    let last = list[list.length - 1];
    if (last.bytes + bytes > limit) {
      last = { members: [], bytes: 64 };
      list.push(last);
    }
    last.members.push(spec);
    last.bytes += bytes;
  }
  return list;
}

/** Kinds lie together (all weights, all gradients, …), so that kernels walk forward. */
function place(arena: Arena, specs: readonly ParameterSpec[], options: StoreOptions): StoredParameter[] {
  const table = specs.find((spec) => spec.table && options.rounded?.has(spec.name));
  if (table) throw new Error(`internal: ${table.name} is a table, which no step keeps in bf16`);
  const { accumulates = false } = options;
  const isLearning = (spec: ParameterSpec) => learns(spec, options);
  const block = (wanted: (spec: ParameterSpec) => boolean) =>
    specs.map((spec) => arena.float32(wanted(spec) ? product(spec.dims) : 0));
  const weights = block(() => true);
  const [gradients, first, second] = [1, 2, 3].map(() => block(isLearning));
  const partials = block((spec) => accumulates && !spec.table && isLearning(spec));
  return specs.map((spec, i) => ({
    spec,
    weight: weights[i],
    rounded: arena.uint16(options.rounded?.has(spec.name) ? product(spec.dims) : 0),
    gradient: gradients[i],
    moment1: first[i],
    moment2: second[i],
    partial: partials[i],
    marks: arena.uint8(isLearning(spec) ? markBytes(spec) : 0),
    squares: arena.float64(1),
    decays: decays(spec.name),
    frozen: options.training && !isLearning(spec),
    arena,
  }));
}

/** Arrays of a parameter; a table's gradients are added row by row anyway. */
function copies(options: StoreOptions, spec: ParameterSpec): number {
  if (!learns(spec, options)) return 1;
  return options.accumulates && !spec.table ? 5 : 4;
}

function learns({ name }: ParameterSpec, { training, frozen }: StoreOptions): boolean {
  return training && !frozen?.has(name);
}

function markBytes({ table, dims }: ParameterSpec): number {
  return table ? dims[0] : 0;
}

function align(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
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
