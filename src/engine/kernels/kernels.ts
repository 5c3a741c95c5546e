/** The WebAssembly kernels with checked arguments: every array must be a view of the memory that they were loaded for. */
import { KERNELS_WASM } from "./generated/kernels-wasm.ts";

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
   * torch.optim.AdamW; `g` is only read.
   */
  adamw(p: Float32Array, g: Float32Array, m: Float32Array, v: Float32Array, options: AdamWOptions): void;
  /**
   * The same on a table [R, width] with a byte a row in `touched`: 0 says that the row never had a gradient, so that
   * its moments are zero and only the decay is left to do.
   */
  adamwRows(
    p: Float32Array,
    g: Float32Array,
    m: Float32Array,
    v: Float32Array,
    touched: Uint8Array,
    options: AdamWOptions,
  ): void;
  /** Sum of squares, added up in float64 in a fixed order; NaN and infinity show in it. */
  sumOfSquares(x: Float32Array): number;
  /** `table[ids[t]] += rows[t]`, t ascending; `table` is [R, width], `rows` [T, width], `ids` [T]. */
  addRows(table: Float32Array, ids: Int32Array, rows: Float32Array, width: number): void;
  /** `table[ids[t]] = 0` */
  zeroRows(table: Float32Array, ids: Int32Array, width: number): void;
  fill(x: Float32Array, value: number): void;
  /** `into += x` */
  add(into: Float32Array, x: Float32Array): void;
  /** `x *= factor` */
  scale(x: Float32Array, factor: number): void;
  /** Fills `out` with 1 (probability `keep`, to 1/65536) and 0. Byte i depends on (`key`, i) alone. */
  dropoutMask(out: Uint8Array, keep: number, key: MaskKey): void;
}

/** What the module exports: addresses and counts, both unsigned. */
interface Exports extends WebAssembly.Exports {
  adamw(...args: number[]): void;
  adamwRows(...args: number[]): void;
  sumOfSquares(x: number, n: number): number;
  firstRowOutside(ids: number, n: number, rows: number): number;
  addRows(table: number, ids: number, n: number, rows: number, width: number): void;
  zeroRows(table: number, ids: number, n: number, width: number): void;
  add(into: number, x: number, n: number): void;
  scale(x: number, n: number, factor: number): void;
  dropoutMask(
    out: number,
    n: number,
    threshold: number,
    k0: number,
    k1: number,
    k2: number,
    k3: number,
  ): void;
}

/** Draws are 16 bits wide. */
const DRAWS = 65_536;

let compiled: Promise<WebAssembly.Module> | undefined;

/** Instantiates the kernels over `memory`; the module is compiled once. */
export async function loadKernels(memory: WebAssembly.Memory): Promise<Kernels> {
  compiled ??= WebAssembly.compile(
    Uint8Array.from(atob(KERNELS_WASM), (character) => character.charCodeAt(0)),
  );
  const { exports } = await WebAssembly.instantiate(await compiled, { env: { memory } });
  return checkedKernels(exports as Exports, memory);
}

function checkedKernels(wasm: Exports, memory: WebAssembly.Memory): Kernels {
  const address = (name: string, view: Float32Array | Int32Array | Uint8Array): number => {
    if (view.buffer !== memory.buffer) throw new TypeError(`${name}: expected a view of the arena's memory`);
    return view.byteOffset;
  };
  const checkRows = (name: string, table: Float32Array, ids: Int32Array, width: number): void => {
    if (!(Number.isInteger(width) && width > 0)) throw new RangeError(`${name}: ${width} is no row width`);
    if (table.length % width !== 0) {
      throw new RangeError(`${name}: a table of ${table.length} elements does not have rows of ${width}`);
    }
    const rows = table.length / width;
    const bad = wasm.firstRowOutside(address(name, ids), ids.length, rows) >>> 0;
    if (bad < ids.length)
      throw new RangeError(`${name}: ids[${bad}] is ${ids[bad]}, the table has ${rows} rows`);
  };
  return {
    adamw(p, g, m, v, options) {
      for (const other of [g, m, v]) checkLength("adamw", other.length, p.length);
      const addresses = [p, g, m, v].map((view) => address("adamw", view));
      wasm.adamw(...addresses, p.length, ...stepNumbers(options));
    },
    adamwRows(p, g, m, v, touched, options) {
      for (const other of [g, m, v]) checkLength("adamwRows", other.length, p.length);
      const width = p.length / touched.length;
      if (!Number.isInteger(width))
        throw new RangeError(`adamwRows: ${p.length} elements in ${touched.length} rows`);
      const addresses = [p, g, m, v, touched].map((view) => address("adamwRows", view));
      wasm.adamwRows(...addresses, touched.length, width, ...stepNumbers(options));
    },
    sumOfSquares: (x) => wasm.sumOfSquares(address("sumOfSquares", x), x.length),
    addRows(table, ids, rows, width) {
      checkRows("addRows", table, ids, width);
      checkLength("addRows", rows.length, ids.length * width);
      wasm.addRows(address("addRows", table), ids.byteOffset, ids.length, address("addRows", rows), width);
    },
    zeroRows(table, ids, width) {
      checkRows("zeroRows", table, ids, width);
      wasm.zeroRows(address("zeroRows", table), ids.byteOffset, ids.length, width);
    },
    fill(x, value) {
      address("fill", x);
      x.fill(value); // the engine's own fill is the faster one
    },
    add(into, x) {
      checkLength("add", x.length, into.length);
      wasm.add(address("add", into), address("add", x), into.length);
    },
    scale: (x, factor) => wasm.scale(address("scale", x), x.length, factor),
    dropoutMask(out, keep, key) {
      if (!(keep >= 0 && keep <= 1))
        throw new RangeError(`dropoutMask: expected keep from 0 to 1, got ${keep}`);
      const start = address("dropoutMask", out);
      const kept = Math.round(keep * DRAWS);
      // All or none is no 16-bit threshold.
      if (kept === 0 || kept === DRAWS) out.fill(kept === 0 ? 0 : 1);
      else wasm.dropoutMask(start, out.length, kept - DRAWS / 2, ...key);
    },
  };
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
