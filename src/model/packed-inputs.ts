/**
 * The feeds of a packed batch. Letters: B rows, S the longest row's tokens, T the batch's real tokens, G bins, H hidden
 * size. Activations are `[T, H]`: no padding outside attention, and little inside: a bin holds as many rows as fit into S
 * places.
 */
import type { Graph, Tensor } from "../engine/graph/graph.ts";
import type { RowMap } from "../engine/ops/gather-rows.ts";

export interface PackedInputs {
  /** int64 [T] */
  readonly inputIds: Tensor;
  readonly tokenTypeIds: Tensor;
  readonly positionIds: Tensor;
  /**
   * int64 [G, S]: the token of each place of the bins, 0 in a pad's. Any finite row will do there: as a key it is masked,
   * as a query its result is dropped.
   */
  readonly bins: RowMap;
  /** The same, T in a pad's place, which so reads zeros: gradients must not flow out of pads. */
  readonly zeroPaddedBins: RowMap;
  /** int64 [T]: the place of each token in the flattened bins. */
  readonly places: RowMap;
  /** float32 [G, 1, S, S]: added to attention scores; 0 where query and key are tokens of one row, else very negative. */
  readonly binBias: Tensor;
  /** int64 [B, S]: the token of each slot of the grid, which has a row in each line; 0 in a pad slot. */
  readonly grid: RowMap;
  /** int64 [T]: the slot of each token in the flattened grid. */
  readonly slots: RowMap;
  /** float32 [B, 1, S]: added to attention scores; 0 at tokens, very negative at pads. */
  readonly keyBias: Tensor;
  /** int64 [B]: the token that is each row's `[CLS]`. */
  readonly clsRows: RowMap;
  /** int64 [T]: the row whose `[CLS]` a token is, B for any other token. */
  readonly clsInverse: RowMap;
  /** float32 []: 0. What is added to it is the same value, and to a runtime another one. */
  readonly zero: Tensor;
}

/** Feed names, as they stand in the graph. */
export const FEEDS = {
  inputIds: "input_ids",
  tokenTypeIds: "token_type_ids",
  positionIds: "position_ids",
  bins: "bins",
  zeroPaddedBins: "zero_padded_bins",
  places: "places",
  binBias: "bin_bias",
  grid: "grid",
  slots: "slots",
  keyBias: "key_bias",
  clsRows: "cls_rows",
  clsInverse: "cls_inverse",
  zero: "zero",
} as const satisfies Record<keyof PackedInputs, string>;

export function packedInputs(graph: Graph): PackedInputs {
  const int64 = (name: string, dims: string[]) => graph.input(name, "int64", dims);
  return {
    inputIds: int64(FEEDS.inputIds, ["T"]),
    tokenTypeIds: int64(FEEDS.tokenTypeIds, ["T"]),
    positionIds: int64(FEEDS.positionIds, ["T"]),
    bins: { index: int64(FEEDS.bins, ["G", "S"]), pads: false },
    zeroPaddedBins: { index: int64(FEEDS.zeroPaddedBins, ["G", "S"]), pads: true },
    places: { index: int64(FEEDS.places, ["T"]), pads: false },
    binBias: graph.input(FEEDS.binBias, "float32", ["G", 1, "S", "S"]),
    grid: { index: int64(FEEDS.grid, ["B", "S"]), pads: false },
    slots: { index: int64(FEEDS.slots, ["T"]), pads: false },
    keyBias: graph.input(FEEDS.keyBias, "float32", ["B", 1, "S"]),
    clsRows: { index: int64(FEEDS.clsRows, ["B"]), pads: false },
    clsInverse: { index: int64(FEEDS.clsInverse, ["T"]), pads: true },
    zero: graph.input(FEEDS.zero, "float32", []),
  };
}
