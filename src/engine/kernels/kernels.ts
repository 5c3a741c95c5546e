/** The WebAssembly kernels with checked arguments: every array must be a view of the memory that they were loaded for. */
import { KERNELS_WASM, SHARED_KERNELS_WASM } from "./generated/kernels-wasm.ts";
import { type KernelCall, KernelThreads } from "./kernel-threads.ts";

export interface AdamWOptions {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  /** Decoupled: parameters shrink by `learningRate * weightDecay`, whatever their gradient. */
  weightDecay: number;
  /** `1 - beta1 ** step`, the first step being 1. */
  biasCorrection1: number;
  /** `1 - beta2 ** step` */
  biasCorrection2: number;
  /** Factor on the gradient, such as that of clipping; 1 leaves it as it is. */
  gradientScale: number;
}

/** Four 32-bit words, such as seed, purpose, step and micro-batch. */
export type MaskKey = readonly [number, number, number, number];

/**
 * All throw `TypeError` for an array outside the memory, `RangeError` where lengths do not match or an id is no row.
 * Equal inputs give equal bits.
 */
export interface Kernels {
  /**
   * One AdamW step in float32 on parameters `p`, gradient `g` and moments `m`, `v`, all of one length, as
   * torch.optim.AdamW; `g` is only read. `rounded`, where it is not empty, gets the new parameters in bf16.
   */
  adamw(
    p: Float32Array,
    g: Float32Array,
    m: Float32Array,
    v: Float32Array,
    options: AdamWOptions,
    rounded?: Uint16Array,
  ): void;
  /**
   * The same on a table [R, width] with a byte a row in `marks`. 2: the row has a gradient. 1: it had one before; its
   * gradient counts as zero, and moments below 2^-100 and 2^-120 become zero. 0: it never had one, so that its moments
   * are zero and only the decay is left to do.
   */
  adamwRows(
    p: Float32Array,
    g: Float32Array,
    m: Float32Array,
    v: Float32Array,
    marks: Uint8Array,
    options: AdamWOptions,
  ): void;
  /**
   * `sum[0]` becomes the sum of squares, added up in a fixed order: 64 in float32, those sums in float64, so that it is
   * right to 2^-21 of it where squares are above 2^-126; smaller ones count less, or nothing. NaN and infinity show in
   * it; finite numbers never give infinity.
   */
  sumOfSquares(x: Float32Array, sum: Float64Array): void;
  /** The same of the rows of a table [R, width] whose byte in `marks` is 2: that have a gradient. */
  sumOfMarkedRows(table: Float32Array, marks: Uint8Array, sum: Float64Array): void;
  /** Rows whose byte in `marks` is 2 become zero, and their byte 1: they had a gradient. */
  clearMarkedRows(table: Float32Array, marks: Uint8Array): void;
  /**
   * `table[ids[t]] += rows[t]`, t ascending, and `marks[ids[t]] = 2`; `table` is [R, width], `marks` [R], `rows`
   * [T, width], `ids` [T].
   */
  addRows(table: Float32Array, marks: Uint8Array, ids: Int32Array, rows: Float32Array): void;
  /** `out` becomes `x` in bf16, rounded to nearest, halves to even. */
  roundToBf16(out: Uint16Array, x: Float32Array): void;
  /** `into += x` */
  add(into: Float32Array, x: Float32Array): void;
  /**
   * Fills `out` with 1 (probability `keep`, to 1/65536) and 0, in bf16 where its elements have 16 bits. Element i depends on
   * (`key`, i) alone.
   */
  dropoutMask(out: Uint8Array | Uint16Array, keep: number, key: MaskKey): void;
}

/** Kernels over one memory. */
export interface LoadedKernels {
  readonly kernels: Kernels;
  /**
   * Runs all kernels that `call` calls, on several threads where there are, and returns when they are done. None may read
   * what another writes. Arguments are checked before any of them runs.
   */
  together(call: (kernels: Kernels) => void): void;
  /** Ends the threads that help, which hold the memory; where kernels run together again, others begin. */
  end(): void;
}

/** What the module exports and calls can name. */
const NAMES = [
  ...(["adamw", "adamwRows", "sumOfSquares", "sumOfMarkedRows"] as const),
  ...(["clearMarkedRows", "addRows", "roundToBf16", "add", "dropoutMask", "dropoutMaskBf16"] as const),
];
type Name = (typeof NAMES)[number];

/** Takes addresses and counts, both unsigned, and numbers. */
type KernelFunction = (...args: number[]) => void;
type FirstRowOutside = (ids: number, n: number, rows: number) => number;

/** Draws are 16 bits wide. */
const DRAWS = 65_536;
const BF16_ONE = 0x3f80;

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/**
 * Instantiates the kernels over `memory`; the module is compiled once. `helpers`: how many threads may help, 0 unless the
 * memory is shared.
 */
export async function loadKernels(memory: WebAssembly.Memory, helpers: number): Promise<LoadedKernels> {
  const module = await compile(helpers > 0 ? SHARED_KERNELS_WASM : KERNELS_WASM);
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const functions = NAMES.map((name) => exports[name] as KernelFunction);
  const firstRowOutside = exports.firstRowOutside as FirstRowOutside;
  const kernels = checkedKernels((name) => functions[NAMES.indexOf(name)], firstRowOutside, memory);
  if (helpers === 0) return { kernels, together: (call) => call(kernels), end: () => {} };
  const threads = new KernelThreads({ module, memory, names: NAMES }, { helpers });
  const calls: KernelCall[] = [];
  const noted = (name: Name) => {
    const kernel = NAMES.indexOf(name);
    return (...args: number[]) => void calls.push([kernel, ...args]);
  };
  const noting = checkedKernels(noted, firstRowOutside, memory);
  const together = (call: (kernels: Kernels) => void) => {
    calls.length = 0;
    call(noting);
    threads.run(calls, functions);
  };
  return { kernels, together, end: () => threads.end() };
}

function compile(base64: string): Promise<WebAssembly.Module> {
  const known = compiled.get(base64);
  if (known) return known;
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const module = WebAssembly.compile(bytes);
  compiled.set(base64, module);
  return module;
}

function checkedKernels(
  functionOf: (name: Name) => KernelFunction,
  firstRowOutside: FirstRowOutside,
  memory: WebAssembly.Memory,
): Kernels {
  const [adamw, adamwRows, sumOfSquares, sumOfMarkedRows, clearMarkedRows, addRows, ...others] =
    NAMES.map(functionOf);
  const [roundToBf16, add, dropoutMask, dropoutMaskBf16] = others;
  type View = Float32Array | Float64Array | Int32Array | Uint16Array | Uint8Array;
  const address = (name: Name, view: View): number => {
    if (view.buffer !== memory.buffer) throw new TypeError(`${name}: expected a view of the arena's memory`);
    return view.byteOffset;
  };
  return {
    adamw(p, g, m, v, options, rounded) {
      const isRounded = rounded !== undefined && rounded.length > 0;
      for (const other of [g, m, v, ...(isRounded ? [rounded] : [])])
        checkLength("adamw", other.length, p.length);
      const addresses = [p, g, m, v].map((view) => address("adamw", view));
      const roundedAt = isRounded ? address("adamw", rounded) : 0;
      adamw(...addresses, roundedAt, p.length, ...stepNumbers(options));
    },
    adamwRows(p, g, m, v, marks, options) {
      for (const other of [g, m, v]) checkLength("adamwRows", other.length, p.length);
      const width = rowWidth("adamwRows", p, marks);
      const addresses = [p, g, m, v, marks].map((view) => address("adamwRows", view));
      adamwRows(...addresses, marks.length, width, ...stepNumbers(options));
    },
    sumOfSquares(x, sum) {
      checkLength("sumOfSquares", sum.length, 1);
      sumOfSquares(address("sumOfSquares", x), x.length, address("sumOfSquares", sum));
    },
    sumOfMarkedRows(table, marks, sum) {
      checkLength("sumOfMarkedRows", sum.length, 1);
      const width = rowWidth("sumOfMarkedRows", table, marks);
      const [tableAt, marksAt, sumAt] = [table, marks, sum].map((view) => address("sumOfMarkedRows", view));
      sumOfMarkedRows(tableAt, marksAt, marks.length, width, sumAt);
    },
    clearMarkedRows(table, marks) {
      const width = rowWidth("clearMarkedRows", table, marks);
      const [tableAt, marksAt] = [table, marks].map((view) => address("clearMarkedRows", view));
      clearMarkedRows(tableAt, marksAt, marks.length, width);
    },
    addRows(table, marks, ids, rows) {
      const width = rowWidth("addRows", table, marks);
      checkLength("addRows", rows.length, ids.length * width);
      const [tableAt, marksAt, idsAt, rowsAt] = [table, marks, ids, rows].map((view) =>
        address("addRows", view),
      );
      const bad = firstRowOutside(idsAt, ids.length, marks.length) >>> 0;
      if (bad < ids.length)
        throw new RangeError(`addRows: ids[${bad}] is ${ids[bad]}, the table has ${marks.length} rows`);
      addRows(tableAt, marksAt, idsAt, ids.length, rowsAt, width);
    },
    roundToBf16(out, x) {
      checkLength("roundToBf16", out.length, x.length);
      roundToBf16(address("roundToBf16", out), address("roundToBf16", x), x.length);
    },
    add(into, x) {
      checkLength("add", x.length, into.length);
      add(address("add", into), address("add", x), into.length);
    },
    dropoutMask(out, keep, key) {
      if (!(keep >= 0 && keep <= 1))
        throw new RangeError(`dropoutMask: expected keep from 0 to 1, got ${keep}`);
      const start = address("dropoutMask", out);
      const kept = Math.round(keep * DRAWS);
      const isBf16 = out instanceof Uint16Array;
      // All is no 16-bit limit.
      if (kept === DRAWS) out.fill(isBf16 ? BF16_ONE : 1);
      else (isBf16 ? dropoutMaskBf16 : dropoutMask)(start, out.length, kept, ...key);
    },
  };
}

/** Elements of a row of a table that has as many rows as `marks` has bytes. */
function rowWidth(name: Name, table: Float32Array, marks: Uint8Array): number {
  const width = marks.length === 0 ? 0 : table.length / marks.length;
  if (!Number.isInteger(width))
    throw new RangeError(`${name}: ${table.length} elements in ${marks.length} rows`);
  return width;
}

/** What a step multiplies by; the bias corrections are folded into the step size and epsilon. */
function stepNumbers(options: AdamWOptions): number[] {
  const { learningRate, beta1, beta2, epsilon, weightDecay, biasCorrection1, biasCorrection2 } = options;
  const correction = Math.sqrt(biasCorrection2);
  const stepSize = (learningRate * correction) / biasCorrection1;
  const decay = 1 - learningRate * weightDecay;
  return [decay, 1 - beta1, beta2, 1 - beta2, epsilon * correction, stepSize, options.gradientScale];
}

function checkLength(name: string, length: number, expected: number): void {
  if (length !== expected) throw new RangeError(`${name}: expected ${expected} elements, got ${length}`);
}
