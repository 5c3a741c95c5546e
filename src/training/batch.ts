/**
 * One packed batch as a session's feeds, written into the arena. Letters: B rows, S the longest row, T tokens, G bins; S,
 * T and G may be larger than the rows need.
 */
import { type Dim, resolveDims } from "../engine/graph/dims.ts";
import type { Arena } from "../engine/kernels/arena.ts";
import type { TensorView } from "../engine/runtime/session.ts";
import { FEEDS } from "../model/packed-inputs.ts";
import type { Features } from "../tasks/features.ts";
import { binRows } from "./bins.ts";
import type { ValueSpec } from "./program.ts";
import { EXACT, type Rounding, roundedSizes, roundUp } from "./rounding.ts";

/** Added to the score of a pad: exp of it is 0 in float32 whatever the score. */
const MASKED = -1e9;

/** Values of the symbolic dims. There are never more bins than rows. */
export type Sizes = Readonly<{ B: number; S: number; T: number; G: number }>;

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

/** What these rows need, rounded. */
export function batchSizes(
  features: Pick<Features, "length">,
  rows: ArrayLike<number>,
  rounding: Rounding = EXACT,
): Sizes {
  const B = rows.length;
  const lengths = lengthsOf(features, rows);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const { S, T } = roundedSizes({ B, S: lengths.reduce((a, b) => Math.max(a, b), 0), T: tokens }, rounding);
  const { count } = binRows(lengths, S);
  // A token that is added needs a place that none fills.
  const needed = T > tokens && count * S === tokens ? count + 1 : count;
  return { B, S, T, G: Math.max(needed, Math.min(B, roundUp(needed, rounding.G))) };
}

function lengthsOf(features: Pick<Features, "length">, rows: ArrayLike<number>): Uint32Array {
  return Uint32Array.from({ length: rows.length }, (_, b) => features.length(rows[b]));
}

/**
 * Writes the rows' tokens and the maps between tokens, bins and grid. Only feeds that `wanted` names are made. `sizes` may
 * have more tokens, longer rows and more bins than there are, if it leaves a slot and a place that no token fills: tokens
 * behind the rows' own sit there. Nothing attends to them, their outputs are to be left alone, and their gradients are
 * zero.
 */
export function packBatch(
  arena: Arena,
  features: Features,
  rows: ArrayLike<number>,
  wanted: ReadonlySet<string>,
  sizes = batchSizes(features, rows),
): Batch {
  const { B, S, T, G } = sizes;
  const lengths = lengthsOf(features, rows);
  const { starts } = binRows(lengths, S);
  const tableRows = { words: arena.int32(T), positions: arena.int32(T), types: arena.int32(T) };
  const grid = arena.int32(B * S);
  const slots = arena.int32(T);
  const bins = arena.int32(G * S);
  const zeroPaddedBins = arena.int32(G * S);
  const places = arena.int32(T);
  const clsRows = arena.int32(B);
  const clsInverse = arena.int32(T);
  const keyBias = arena.float32(B * S);
  const binBias = arena.float32(wanted.has(FEEDS.binBias) ? G * S * S : 0);
  for (const map of [grid, bins]) map.fill(0);
  zeroPaddedBins.fill(T);
  clsInverse.fill(B);
  for (const bias of [keyBias, binBias]) bias.fill(MASKED);
  let t = 0;
  for (let b = 0; b < B; b++) {
    const ids = features.inputIds(rows[b]);
    const attended = features.attended(rows[b]);
    clsRows[b] = t;
    clsInverse[t] = b;
    for (let s = 0; s < ids.length; s++, t++) {
      const [slot, place] = [b * S + s, starts[b] + s];
      tableRows.words[t] = ids[s];
      tableRows.positions[t] = s;
      tableRows.types[t] = features.tokenType(rows[b], s);
      slots[t] = slot;
      grid[slot] = t;
      places[t] = place;
      bins[place] = t;
      zeroPaddedBins[place] = t;
      const firstKey = place * S + (starts[b] % S);
      binBias.fill(0, firstKey, firstKey + attended);
      if (s < attended) keyBias[slot] = 0;
    }
  }
  const free = lengths.findIndex((length) => length < S);
  slots.fill(free * S + lengths[free], t);
  places.fill(zeroPaddedBins.indexOf(T), t);
  for (const values of Object.values(tableRows)) values.fill(0, t);
  const int64 = (values: Int32Array, dims: readonly number[]) => widen(arena, values, dims);
  const make: Record<string, () => TensorView> = {
    [FEEDS.inputIds]: () => int64(tableRows.words, [T]),
    [FEEDS.tokenTypeIds]: () => int64(tableRows.types, [T]),
    [FEEDS.positionIds]: () => int64(tableRows.positions, [T]),
    [FEEDS.grid]: () => int64(grid, [B, S]),
    [FEEDS.slots]: () => int64(slots, [T]),
    [FEEDS.bins]: () => int64(bins, [G, S]),
    [FEEDS.zeroPaddedBins]: () => int64(zeroPaddedBins, [G, S]),
    [FEEDS.places]: () => int64(places, [T]),
    [FEEDS.binBias]: () => ({ type: "float32", dims: [G, 1, S, S], data: binBias }),
    [FEEDS.clsRows]: () => int64(clsRows, [B]),
    [FEEDS.clsInverse]: () => int64(clsInverse, [T]),
    [FEEDS.zero]: () => ({ type: "float32", dims: [], data: arena.float32(1).fill(0) }),
    [FEEDS.keyBias]: () => ({ type: "float32", dims: [B, 1, S], data: keyBias }),
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
export function allocate(
  arena: Arena,
  spec: Pick<ValueSpec, "name" | "dims"> & { dtype: ValueSpec["dtype"] | "bfloat16" },
  sizes: Sizes,
): TensorView {
  const dims = resolveDims(spec.dims, sizes);
  const length = dims.reduce((a, b) => a * b, 1);
  if (spec.dtype === "float32") return { type: "float32", dims, data: arena.float32(length) };
  if (spec.dtype === "uint8") return { type: "uint8", dims, data: arena.uint8(length) };
  if (spec.dtype === "bfloat16") return { type: "bfloat16", dims, data: arena.uint16(length) };
  throw new Error(`internal: ${spec.name}: no memory for ${spec.dtype}`);
}

/** Bytes that the maps of a batch of these sizes take, and `values` beside them, buffer gaps included. */
export function batchBytes(values: readonly { dims: readonly Dim[]; bytes: number }[], sizes: Sizes): number {
  const { B, S, T, G } = sizes;
  const [grid, bins] = [B * S, G * S];
  const maps = 4 * (6 * T + 2 * grid + (2 + S) * bins + 2 * B) + 8 * (6 * T + grid + 2 * bins + 2 * B);
  const own = values.reduce(
    (sum, { dims, bytes }) => sum + resolveDims(dims, sizes).reduce((a, b) => a * b, bytes) + 64,
    0,
  );
  return maps + own + 64 * 48;
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
  return { B: longest.length, S: longest[longest.length - 1] ?? 0, T, G: longest.length };
}
