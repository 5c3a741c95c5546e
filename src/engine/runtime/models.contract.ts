/** Small ONNX models for the contract suite, written by hand so that the suite needs nothing of the engine. */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type GraphProtoSchema, ModelProtoSchema, type ValueInfoProtoSchema } from "onnx-buf";
import type { ElementType } from "./session.ts";

type Dims = readonly (number | string)[];
type Declaration = readonly [name: string, type: ElementType, dims: Dims];
type Node = readonly [type: string, inputs: readonly string[], output: string];

const ELEMENT_TYPES: Record<ElementType, number> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bfloat16: 16,
};
const CAST_TO_FLOAT = { name: "to", type: 2, i: 1n };

function valueInfo([name, elemType, dims]: Declaration): MessageInitShape<typeof ValueInfoProtoSchema> {
  const dim = dims.map((size) =>
    typeof size === "number"
      ? { value: { case: "dimValue" as const, value: BigInt(size) } }
      : { value: { case: "dimParam" as const, value: size } },
  );
  const value = { elemType: ELEMENT_TYPES[elemType], shape: { dim } };
  return { name, type: { value: { case: "tensorType", value } } };
}

function model(
  inputs: readonly Declaration[],
  outputs: readonly Declaration[],
  nodes: readonly Node[],
): Uint8Array {
  const graph: MessageInitShape<typeof GraphProtoSchema> = {
    name: "test",
    input: inputs.map(valueInfo),
    output: outputs.map(valueInfo),
    node: nodes.map(([opType, input, output]) => ({
      opType,
      input: [...input],
      output: [output],
      attribute: opType === "Cast" ? [CAST_TO_FLOAT] : [],
    })),
  };
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, { irVersion: 10n, opsetImport: [{ version: 20n }], graph }),
  );
}

/** next = p - g, all of length N */
export const SUBTRACT = model(
  [
    ["p", "float32", ["N"]],
    ["g", "float32", ["N"]],
  ],
  [["next", "float32", ["N"]]],
  [["Sub", ["p", "g"], "next"]],
);

/** sum = x + x, product = x * x; x is [T, 4] */
export const TWO_OUTPUTS = model(
  [["x", "float32", ["T", 4]]],
  [
    ["sum", "float32", ["T", 4]],
    ["product", "float32", ["T", 4]],
  ],
  [
    ["Add", ["x", "x"], "sum"],
    ["Mul", ["x", "x"], "product"],
  ],
);

/** y = table[ids] * mask + offset, of four element types; table is [R, 3] */
export const ALL_TYPES = model(
  [
    ["table", "float32", ["R", 3]],
    ["ids", "int64", ["T"]],
    ["mask", "uint8", ["T", 1]],
    ["offset", "int32", ["T", 1]],
  ],
  [["y", "float32", ["T", 3]]],
  [
    ["Gather", ["table", "ids"], "rows"],
    ["Cast", ["mask"], "mask_float"],
    ["Cast", ["offset"], "offset_float"],
    ["Mul", ["rows", "mask_float"], "masked"],
    ["Add", ["masked", "offset_float"], "y"],
  ],
);

/** y = x, from bfloat16 to float32 */
export const WIDEN = model([["x", "bfloat16", ["N"]]], [["y", "float32", ["N"]]], [["Cast", ["x"], "y"]]);

/** y = x w w ... w, `length` times; x and w are [N, N]. Long enough a run to act in the middle of it. */
export function powers(length: number): Uint8Array {
  return chain("MatMul", length, ["N", "N"]);
}

/** y = x + w + ... + w, `length` times */
export function sums(length: number): Uint8Array {
  return chain("Add", length, ["N"]);
}

function chain(type: string, length: number, dims: Dims): Uint8Array {
  const value = (i: number) => (i === 0 ? "x" : i === length ? "y" : `v${i}`);
  const inputs: Declaration[] = [
    ["x", "float32", dims],
    ["w", "float32", dims],
  ];
  const nodes = Array.from({ length }, (_, i): Node => [type, [value(i), "w"], value(i + 1)]);
  return model(inputs, [["y", "float32", dims]], nodes);
}
