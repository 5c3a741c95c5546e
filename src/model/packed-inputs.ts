/**
 * The feeds of a packed batch. Letters: B rows, S the longest row's tokens, T the batch's real tokens, H hidden size.
 * Activations are `[T, H]`: no padding outside attention.
 */
import type { Graph, Tensor } from "../engine/graph/graph.ts";
import type { RowMap } from "../engine/ops/gather-rows.ts";

export interface PackedInputs {
  /** int64 [T] */
  readonly inputIds: Tensor;
  readonly tokenTypeIds: Tensor;
  readonly positionIds: Tensor;
  /**
   * int64 [B, S]: the token of each slot of the grid, 0 in a pad slot. Any finite row will do there: as a key it is
   * masked, as a query its result is dropped.
   */
  readonly grid: RowMap;
  /** The same, T in a pad slot, which so reads zeros: gradients must not flow out of pad slots. */
  readonly zeroPaddedGrid: RowMap;
  /** int64 [T]: the slot of each token in the flattened grid. */
  readonly slots: RowMap;
  /** float32 [B, 1, 1, S]: added to attention scores; 0 at tokens, very negative at pads. */
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
  grid: "grid",
  zeroPaddedGrid: "zero_padded_grid",
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
    grid: { index: int64(FEEDS.grid, ["B", "S"]), pads: false },
    zeroPaddedGrid: { index: int64(FEEDS.zeroPaddedGrid, ["B", "S"]), pads: true },
    slots: { index: int64(FEEDS.slots, ["T"]), pads: false },
    keyBias: graph.input(FEEDS.keyBias, "float32", ["B", 1, 1, "S"]),
    clsRows: { index: int64(FEEDS.clsRows, ["B"]), pads: false },
    clsInverse: { index: int64(FEEDS.clsInverse, ["T"]), pads: true },
    zero: graph.input(FEEDS.zero, "float32", []),
  };
}
