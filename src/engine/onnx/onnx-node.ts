/** ONNX nodes as plain data, between our graph and the protobuf, and what a lowering may ask for. */
import { TensorProto_DataType as DataType } from "onnx-buf";
import type { Dims } from "../graph/dims.ts";
import type { Attributes, DType, Tensor } from "../graph/graph.ts";

/** ONNX's number of each of our types. */
export const DATA_TYPE: Readonly<Record<DType, DataType>> = {
  float32: DataType.FLOAT,
  int64: DataType.INT64,
  int32: DataType.INT32,
  uint8: DataType.UINT8,
  bool: DataType.BOOL,
};

export interface OnnxNode {
  readonly type: string;
  /** Empty for the standard operators. */
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface LoweringContext {
  /**
   * A name that no other value has. `dims`: of the value, in float32; without them a plan of memory takes it to be as large
   * as what its node reads.
   */
  fresh(stem: string, dims?: Dims): string;
  /** The name of a constant: a float32 scalar, float32 ones `[count]`, an int64 list. */
  scalar(value: number): string;
  ones(count: number): string;
  list(values: readonly number[]): string;
  /**
   * Float32 ones `[T]` for an `x [T, ..]`: one value for all that have as many rows. `nodes` make it, and are to be listed
   * before what reads it; who asks later gets none.
   */
  rowOnes(x: Tensor): { name: string; nodes: OnnxNode[] };
  /**
   * A name by which no other node reads an input of the graph: its own, or one more that runs feed with the same values.
   * Any other tensor has one name.
   */
  nameForOneReader(tensor: Tensor): string;
  /**
   * The name of a parameter (an input of float32 whose dims are all numbers) as runs feed it: rounded to bf16. Any other
   * tensor's own name.
   */
  nameOfRounded(tensor: Tensor): string;
  /**
   * The name by which runs feed a mask (an input of uint8) in bf16, another one for each reader. Any other tensor's own
   * name.
   */
  nameOfMask(tensor: Tensor): string;
  /** Whether a value is asked for, or read by a node that is computed. */
  isRead(tensor: Tensor): boolean;
  /**
   * Whether a node on the way to an output reads a value, with no matrix product in between, and no sum of rows, which for
   * bf16 is one too.
   */
  leadsToOutput(tensor: Tensor): boolean;
  /** Values of a constant, undefined for any other tensor. */
  valuesOf(tensor: Tensor): readonly number[] | undefined;
}
