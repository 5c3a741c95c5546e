/** What the compiler and the shape rules refuse. */
import { describe, expect, it } from "vitest";
import { type DType, Graph } from "../graph/graph.ts";
import { apply, defineOp } from "./define-op.ts";
import * as elementwise from "./elementwise.ts";
import { gelu } from "./gelu.ts";
import { matMul } from "./matmul.ts";
import { concat, gather, reshape, transpose, unsqueeze } from "./movement.ts";
import { layerNormalization } from "./normalization.ts";
import { reduceMean, reduceSum } from "./reduce.ts";
import { logSoftmax, softmax } from "./softmax.ts";

const graph = new Graph();
let count = 0;
const tensor = (dims: (number | string)[], dtype: DType = "float32") =>
  graph.input(`t${++count}`, dtype, dims);

describe("an operator's definition", () => {
  it("needs type, shape rule and derivative, or it does not compile", () => {
    const infer = () => [{ dtype: "float32" as const, dims: [] }];
    const axisOp = defineOp<{ axis: number }>({ type: "Sin", infer, vjp: null });
    const refused = [
      // @ts-expect-error: the derivative is missing
      () => defineOp({ type: "Sin", infer }),
      // @ts-expect-error: the shape rule is missing
      () => defineOp({ type: "Sin", vjp: null }),
      // @ts-expect-error: attributes must be given where the operator has some
      () => apply(axisOp, [tensor([2])], {}),
    ];
    expect(refused).toHaveLength(3);
    expect(defineOp({ type: "Sin", infer, vjp: null }).vjp).toBeNull();
  });
});

describe("element types", () => {
  const ids = () => tensor([2, 3], "int64");
  const { add, sub, mul, div } = elementwise;
  it.each(Object.entries({ add, sub, mul, div }))("%s takes float32 only", (name, f) => {
    const type = name[0].toUpperCase() + name.slice(1);
    expect(() => f(tensor([2, 3]), ids())).toThrow(new TypeError(`${type}: expected float32, got int64`));
    expect(() => f(ids(), 1)).toThrow(TypeError);
  });

  const { neg, exp, erf, tanh, sigmoid, softplus, relu } = elementwise;
  const unary = { neg, exp, erf, tanh, sigmoid, softplus, relu, gelu, softmax, logSoftmax, reduceSum };
  it.each(Object.entries(unary))("%s takes float32 only", (_, f) => {
    expect(() => f(ids())).toThrow(/: expected float32, got int64$/);
    expect(f(tensor([2, 3])).dtype).toBe("float32");
  });

  it("matMul and layerNormalization take float32 only, gather int64 rows", () => {
    expect(() => matMul(ids(), tensor([3, 2]))).toThrow("expected float32, got int64");
    expect(() => layerNormalization(ids(), tensor([3]), tensor([3]), 1e-5)).toThrow("expected float32");
    expect(() => gather(tensor([4, 3]), tensor([2]))).toThrow("Gather: expected int64 indices, got float32");
  });

  it("comparison gives bool, and cast any type", () => {
    expect(elementwise.greater(tensor([2, 1]), tensor([3]))).toMatchObject({ dtype: "bool", dims: [2, 3] });
    expect(elementwise.cast(tensor(["T"], "uint8"), "float32")).toMatchObject({
      dtype: "float32",
      dims: ["T"],
    });
  });

  it("two numbers make no graph", () => {
    expect(() => elementwise.add(1, 2)).toThrow(TypeError);
  });
});

describe("dims", () => {
  const { add } = elementwise;
  it.each([
    [[2, 3], [4], "Add: cannot broadcast [2, 3] with [4]"],
    [["T"], ["S"], "Add: cannot broadcast [T] with [S]"],
    [["T", 2], [3, 2], "Add: cannot broadcast [T, 2] with [3, 2]"],
  ])("add of %j and %j", (a, b, message) => {
    expect(() => add(tensor(a), tensor(b))).toThrow(new TypeError(message));
  });

  it("a 1 stretches to a number or a symbol", () => {
    expect(add(tensor(["B", 1, 3]), tensor(["S", 1])).dims).toEqual(["B", "S", 3]);
    expect(add(tensor([]), tensor(["T"])).dims).toEqual(["T"]);
  });

  it("matMul: inner dims must agree, batches broadcast, flags transpose", () => {
    expect(() => matMul(tensor([2, 3]), tensor([4, 5]))).toThrow(
      "matMul: inner dims differ: [2, 3] and [4, 5]",
    );
    expect(() => matMul(tensor([2, 3]), tensor([5, 3]))).toThrow("inner dims differ");
    expect(() => matMul(tensor([3]), tensor([3, 2]))).toThrow("matMul: expected at least two dims, got [3]");
    expect(() => matMul(tensor([2, 4, 3]), tensor([5, 3, 4]))).toThrow(
      "matMul: cannot broadcast [2] with [5]",
    );
    expect(matMul(tensor(["B", 1, "S", 8]), tensor([4, "S", 8]), { transB: true }).dims).toEqual([
      "B",
      4,
      "S",
      "S",
    ]);
    expect(matMul(tensor(["T", 8]), tensor(["T", 5]), { transA: true }).dims).toEqual([8, 5]);
  });

  it("reshape leaves at most one dim open and keeps the number of values", () => {
    expect(() => reshape(tensor(["B", "S"]), ["S", "B"])).toThrow(
      "reshape: [B, S] to [S, B] leaves more than one dim open",
    );
    expect(() => reshape(tensor([2, 3]), [4, 2])).toThrow(
      "reshape: [2, 3] to [4, 2] changes the number of values",
    );
    expect(() => reshape(tensor(["T", 6]), ["T", 4])).toThrow("changes the number of values");
    expect(reshape(tensor(["B", "S", 6]), ["B", "S", 2, 3]).dims).toEqual(["B", "S", 2, 3]);
    const x = tensor(["T", 6]);
    expect(reshape(x, ["T", 6])).toBe(x);
  });

  it("transpose needs each axis once", () => {
    expect(() => transpose(tensor([2, 3]), [0, 0])).toThrow("transpose: [0,0] is no order of 2 axes");
    expect(() => transpose(tensor([2, 3]), [0])).toThrow(TypeError);
    expect(transpose(tensor(["B", 3, "S"]), [2, 0, 1]).dims).toEqual(["S", "B", 3]);
  });

  it("axes count from the end when negative, and must be there", () => {
    expect(unsqueeze(tensor(["B", "S"]), [1, 2]).dims).toEqual(["B", 1, 1, "S"]);
    expect(unsqueeze(tensor(["B"]), [-1]).dims).toEqual(["B", 1]);
    expect(reduceSum(tensor(["B", 4, 2]), { axes: [-2] }).dims).toEqual(["B", 2]);
    expect(reduceSum(tensor(["B", 4]), { axes: [-1], keepDims: true }).dims).toEqual(["B", 1]);
    expect(() => reduceSum(tensor([2, 3]), { axes: [2] })).toThrow(
      "reduceSum: axis 2 outside a tensor of rank 2",
    );
    expect(() => concat([tensor([2])], 1)).toThrow("concat: axis 1 outside a tensor of rank 1");
  });

  it("a mean needs sizes that are known", () => {
    expect(() => reduceMean(tensor(["T", 2]))).toThrow("reduceMean: dimension T has no size yet");
    expect(reduceMean(tensor(["T", 2]), { axes: [1] }).dims).toEqual(["T"]);
  });

  it("layerNormalization needs scale and shift of the last dim, which is known", () => {
    const x = tensor(["T", 4]);
    expect(() => layerNormalization(x, tensor([3]), tensor([4]), 1e-5)).toThrow(
      "expected gamma and beta of 4, got 3 and 4",
    );
    expect(() => layerNormalization(x, tensor([4]), tensor([5]), 1e-5)).toThrow(
      "expected gamma and beta of 4, got 4 and 5",
    );
    expect(() => layerNormalization(tensor([4, "T"]), tensor([4]), tensor([4]), 1e-5)).toThrow(
      "the last dim must be known",
    );
  });

  it("concat adds sizes along its axis", () => {
    expect(concat([tensor(["T", 3]), tensor([1, 3])], 0).dims).toEqual(["T+1", 3]);
    expect(concat([tensor([2, 3]), tensor([2, 4])], -1).dims).toEqual([2, 7]);
  });

  it("gather puts the index's dims in front", () => {
    expect(gather(tensor([100, 8]), tensor(["B", "S"], "int64")).dims).toEqual(["B", "S", 8]);
  });
});
