/**
 * One packed batch as a session's feeds, written into the arena. Letters: B rows, S the longest row, T tokens; both may
 * be larger than the rows need.
 */
import { type Dim, resolveDims } from "../engine/graph/dims.ts";
import type { Arena } from "../engine/kernels/arena.ts";
import type { TensorView } from "../engine/runtime/session.ts";
import { FEEDS } from "../model/packed-inputs.ts";
import type { Features } from "../tasks/features.ts";
import type { ValueSpec } from "./program.ts";

/** Added to the score of a pad: exp of it is 0 in float32 whatever the score. */
const MASKED = -1e9;

/** Values of the symbolic dims. */
export type Sizes = Readonly<{ B: number; S: number; T: number }>;

export interface Batch {
  readonly sizes: Sizes;
  /** The rows' own tokens; what stands behind them in the feeds is pads. */
  readonly tokens: number;
  readonly feeds: Record<string, TensorView>;
  /** Row numbers in each embedding table, one a token of the rows: int32 [tokens]. */
  readonly tableRows: {
    readonly words: Int32Array;
    readonly positions: Int32Array;
    readonly types: Int32Array;
  };
}

export function batchSizes(features: Pick<Features, "length">, rows: ArrayLike<number>): Sizes {
  let [S, T] = [0, 0];
  for (let b = 0; b < rows.length; b++) {
    const length = features.length(rows[b]);
    S = Math.max(S, length);
    T += length;
  }
  return { B: rows.length, S, T };
}

/**
 * Writes the rows' tokens and the maps between tokens and grid. Only feeds that `wanted` names are made. `sizes` may
 * have more tokens and longer rows than there are, if it leaves a slot that no token fills: tokens behind the rows' own
 * sit there. Nothing attends to them, their outputs are to be left alone, and their gradients are zero.
 */
export function packBatch(
  arena: Arena,
  features: Features,
  rows: ArrayLike<number>,
  wanted: ReadonlySet<string>,
  sizes = batchSizes(features, rows),
): Batch {
  const { B, S, T } = sizes;
  const tableRows = { words: arena.int32(T), positions: arena.int32(T), types: arena.int32(T) };
  const grid = arena.int32(B * S);
  const zeroPaddedGrid = arena.int32(B * S);
  const slots = arena.int32(T);
  const clsRows = arena.int32(B);
  const clsInverse = arena.int32(T);
  const keyBias = arena.float32(B * S);
  grid.fill(0);
  zeroPaddedGrid.fill(T);
  clsInverse.fill(B);
  keyBias.fill(MASKED);
  let t = 0;
  for (let b = 0; b < B; b++) {
    const ids = features.inputIds(rows[b]);
    const attended = features.attended(rows[b]);
    clsRows[b] = t;
    clsInverse[t] = b;
    for (let s = 0; s < ids.length; s++, t++) {
      const slot = b * S + s;
      tableRows.words[t] = ids[s];
      tableRows.positions[t] = s;
      tableRows.types[t] = features.tokenType(rows[b], s);
      slots[t] = slot;
      grid[slot] = t;
      zeroPaddedGrid[slot] = t;
      if (s < attended) keyBias[slot] = 0;
    }
  }
  slots.fill(zeroPaddedGrid.indexOf(T), t);
  for (const values of Object.values(tableRows)) values.fill(0, t);
  const int64 = (values: Int32Array, dims: readonly number[]) => widen(arena, values, dims);
  const make: Record<string, () => TensorView> = {
    [FEEDS.inputIds]: () => int64(tableRows.words, [T]),
    [FEEDS.tokenTypeIds]: () => int64(tableRows.types, [T]),
    [FEEDS.positionIds]: () => int64(tableRows.positions, [T]),
    [FEEDS.grid]: () => int64(grid, [B, S]),
    [FEEDS.zeroPaddedGrid]: () => int64(zeroPaddedGrid, [B, S]),
    [FEEDS.slots]: () => int64(slots, [T]),
    [FEEDS.clsRows]: () => int64(clsRows, [B]),
    [FEEDS.clsInverse]: () => int64(clsInverse, [T]),
    [FEEDS.zero]: () => ({ type: "float32", dims: [], data: arena.float32(1).fill(0) }),
    [FEEDS.keyBias]: () => ({ type: "float32", dims: [B, 1, 1, S], data: keyBias }),
  };
  const names = Object.keys(make).filter((name) => wanted.has(name));
  const { words, positions, types } = tableRows;
  const own = {
    words: words.subarray(0, t),
    positions: positions.subarray(0, t),
    types: types.subarray(0, t),
  };
  return {
    sizes,
    tokens: t,
    tableRows: own,
    feeds: Object.fromEntries(names.map((name) => [name, make[name]()])),
  };
}

/** int64 from non-negative int32, by halves: no BigInt is made. Every platform of Node and the web is little-endian. */
function widen(arena: Arena, values: Int32Array, dims: readonly number[]): TensorView {
  const data = arena.int64(values.length);
  const halves = new Int32Array(data.buffer, data.byteOffset, 2 * values.length);
  halves.fill(0);
  for (let i = 0; i < values.length; i++) halves[2 * i] = values[i];
  return { type: "int64", dims, data };
}

/** Memory for a value of the graph in a batch of these sizes. */
export function allocate(arena: Arena, spec: ValueSpec, sizes: Sizes): TensorView {
  const dims = resolveDims(spec.dims, sizes);
  const length = dims.reduce((a, b) => a * b, 1);
  if (spec.dtype === "float32") return { type: "float32", dims, data: arena.float32(length) };
  if (spec.dtype === "uint8") return { type: "uint8", dims, data: arena.uint8(length) };
  throw new Error(`internal: ${spec.name}: no memory for ${spec.dtype}`);
}

/** Bytes that the feeds and outputs of a batch of these sizes take, buffer gaps included. */
export function batchBytes(values: readonly { dims: readonly Dim[]; bytes: number }[], sizes: Sizes): number {
  const grid = sizes.B * sizes.S;
  const maps = 4 * (5 * sizes.T + 3 * grid + 2 * sizes.B) + 8 * (6 * sizes.T + 2 * grid + 2 * sizes.B);
  const own = values.reduce(
    (sum, { dims, bytes }) => sum + resolveDims(dims, sizes).reduce((a, b) => a * b, bytes) + 64,
    0,
  );
  return maps + own + 64 * 32;
}

/** No batch of `batchSize` of these rows, cut to `maxLength` tokens, is larger in any dim. */
export function largestSizes(
  features: Features,
  batchSize: number,
  maxLength = Number.POSITIVE_INFINITY,
): Sizes {
  const cut = (row: number) => Math.min(features.length(row), maxLength);
  const lengths = Uint32Array.from({ length: features.rows }, (_, row) => cut(row)).sort();
  const longest = lengths.subarray(Math.max(0, lengths.length - batchSize));
  const T = longest.reduce((sum, length) => sum + length, 0);
  return { B: longest.length, S: longest[longest.length - 1] ?? 0, T };
}
