/** Every operator's gradient against finite differences, one line a case; and whether the check itself sees a mistake. */
import { describe, expect, it } from "vitest";
import {
  checkGradient,
  type GradientCase,
  gradientErrors,
  type Input,
} from "../../../test/helpers/check-gradient.ts";
import { uniform } from "../../util/random.ts";
import type { Dims } from "../graph/dims.ts";
import { customVjp, type Tensor } from "../graph/graph.ts";
import { add, div, erf, exp, mul, neg, relu, sigmoid, softplus, sub, tanh } from "./elementwise.ts";
import { gatherRows, type RowMap } from "./gather-rows.ts";
import { gelu } from "./gelu.ts";
import { matMul } from "./matmul.ts";
import { expandLike, reshape, transpose, unsqueeze } from "./movement.ts";
import { layerNormalization } from "./normalization.ts";
import { reduceMean, reduceSum } from "./reduce.ts";
import { logSoftmax, softmax } from "./softmax.ts";

/** Dims of an input, of values from -1 to 1 unless said otherwise. */
const input = (...dims: Dims): Input => ({ dims });
/** From -2.5 to 2.5 but not near 0, where the slope of ReLU jumps and quotients are steep. */
const awayFromZero = (...dims: Dims): Input => ({
  dims,
  value: (i) => (i % 2 === 0 ? 1 : -1) * (0.5 + 2 * uniform(7, i)),
});
/** From -4 to 4. */
const wide = (...dims: Dims): Input => ({ dims, value: (i) => 8 * uniform(8, i) - 4 });

type Case = [name: string, f: GradientCase["f"], inputs: readonly Input[], rest?: Partial<GradientCase>];

const check = ([, f, inputs, rest]: Case) => checkGradient({ f, inputs, ...rest });

const ELEMENTWISE: Case[] = [
  ["add", ([a, b]) => add(a, b), [input(2, 3), input(2, 3)]],
  ["sub", ([a, b]) => sub(a, b), [input(2, 3), input(2, 3)]],
  ["mul", ([a, b]) => mul(a, b), [input(2, 3), input(2, 3)]],
  ["mul, a value by itself", ([a]) => mul(a, a), [input(2, 3)]],
  ["div", ([a, b]) => div(a, b), [input(2, 3), awayFromZero(2, 3)]],
  ["numbers on either side", ([a]) => sub(3, div(add(1.5, mul(a, 2)), add(a, 3))), [input(2, 3)]],
  ["neg", ([x]) => neg(x), [input(2, 3)]],
  ["exp", ([x]) => exp(x), [input(2, 3)]],
  ["erf", ([x]) => erf(x), [wide(3, 4)]],
  ["tanh", ([x]) => tanh(x), [wide(3, 4)]],
  ["sigmoid", ([x]) => sigmoid(x), [wide(3, 4)]],
  ["softplus", ([x]) => softplus(x), [wide(3, 4)]],
  ["relu", ([x]) => relu(x), [awayFromZero(3, 4)]],
  ["gelu", ([x]) => gelu(x), [wide(4, 5)]],
  ["gelu, tanh form", ([x]) => gelu(x, "tanh"), [wide(4, 5)]],
];

/** Pairs of dims that broadcast, each way; symbols too. */
const BROADCAST: [Dims, Dims][] = [
  [[2, 3], [3]],
  [[2, 3], []],
  [
    [2, 3],
    [2, 1],
  ],
  [
    [2, 1],
    [1, 3],
  ],
  [
    [4, 1, 3],
    [2, 1],
  ],
  [["T", 3], [3]],
  [
    ["B", "S", 3],
    ["B", 1, 3],
  ],
  [
    ["A", "B", "S"],
    [1, "B", "S"],
  ],
  [
    ["A", "B", "S", 2],
    ["B", 1, 2],
  ],
];
const SIZES = { A: 2, B: 3, S: 4, T: 5 };
const broadcasting = BROADCAST.flatMap(([a, b]): Case[] => [
  [`mul [${a}] by [${b}]`, ([x, y]) => mul(x, y), [input(...a), input(...b)], { sizes: SIZES }],
  [`div [${b}] by [${a}]`, ([x, y]) => div(x, y), [input(...b), awayFromZero(...a)], { sizes: SIZES }],
]);

const MATMUL: Case[] = [false, true].flatMap((transA) =>
  [false, true].flatMap((transB) =>
    [
      [[], []],
      [
        [2, 3],
        [2, 3],
      ],
      [[3], []],
      [[], [3]],
      [
        [2, 1],
        [1, 3],
      ],
    ].map(([batchA, batchB]): Case => {
      const a = input(...batchA, ...(transA ? [4, 2] : [2, 4]));
      const b = input(...batchB, ...(transB ? [3, 4] : [4, 3]));
      const name = `transA ${transA}, transB ${transB}, batches [${batchA}] and [${batchB}]`;
      return [name, ([x, y]) => matMul(x, y, { transA, transB }), [a, b]];
    }),
  ),
);

const MOVEMENT: Case[] = [
  ["reshape", ([x]) => reshape(x, [3, 4]), [input(2, 6)]],
  ["reshape of symbols", ([x]) => reshape(x, ["B", 2, 3]), [input("B", 6)], { sizes: SIZES }],
  ["transpose", ([x]) => transpose(x, [2, 0, 1]), [input(2, 3, 4)]],
  [
    "transpose, the order that undoes itself",
    ([x]) => transpose(x, [0, 2, 1, 3]),
    [input("B", "S", 2, 3)],
    { sizes: SIZES },
  ],
  ["unsqueeze", ([x]) => unsqueeze(x, [0, 2]), [input(2, 3)]],
  ["unsqueeze before symbols", ([x]) => unsqueeze(x, [0]), [input("B", "S")], { sizes: SIZES }],
  ["unsqueeze between symbols", ([x]) => unsqueeze(x, [1, 3]), [input("B", "S")], { sizes: SIZES }],
  ["expandLike", ([x, like]) => mul(expandLike(x, like), like), [input(1, 3), input(2, 3)]],
];

const REDUCTIONS: Case[] = [
  ["reduceSum of all", ([x]) => reduceSum(x), [input(2, 3)]],
  ["reduceSum of the rows", ([x]) => reduceSum(x, { axes: [0] }), [input("T", 3)], { sizes: SIZES }],
  ["reduceSum of the last axis", ([x]) => reduceSum(x, { axes: [-1] }), [input(2, 3)]],
  ["reduceSum that keeps dims", ([x]) => reduceSum(x, { axes: [0, 2], keepDims: true }), [input(2, 3, 4)]],
  ["reduceSum of two axes", ([x]) => reduceSum(x, { axes: [1, 2] }), [input("B", "S", 3)], { sizes: SIZES }],
  ["reduceSum of no axis", ([x]) => mul(reduceSum(x, { axes: [] }), x), [input(2, 3)]],
  ["reduceMean", ([x]) => reduceMean(x, { axes: [1] }), [input("B", 4)], { sizes: SIZES }],
  ["reduceMean of all", ([x]) => mul(reduceMean(x), x), [input(2, 3)]],
];

const NORMALIZATION: Case[] = [
  ["softmax", ([x]) => softmax(x), [wide("T", 4)], { sizes: SIZES }],
  ["softmax of rank 4", ([x]) => softmax(x), [wide("B", 2, "S", "S")], { sizes: SIZES }],
  ["logSoftmax", ([x]) => logSoftmax(x), [wide("T", 4)], { sizes: SIZES }],
  [
    "layerNormalization",
    ([x, gamma, beta]) => layerNormalization(x, gamma, beta, 1e-5),
    [wide("T", 6), input(6), input(6)],
    { sizes: SIZES },
  ],
  [
    "layerNormalization of rank 3, a large epsilon",
    ([x, gamma, beta]) => layerNormalization(x, gamma, beta, 0.5),
    [wide("B", "S", 6), input(6), input(6)],
    { sizes: SIZES },
  ],
];

// Rows of 3, 1 and 2 tokens: T = 6 tokens in a grid [B, S] = [3, 3].
const T = 6;
const GRID = { B: 3, S: 3, T };
const int64 = (dims: Dims, values: number[]) => ({ dtype: "int64" as const, dims, values });
const MAPS = {
  slots: int64(["T"], [0, 1, 2, 3, 6, 7]),
  grid: int64(["B", "S"], [0, 1, 2, 3, T, T, 4, 5, T]),
  /** Reads row 0 in pad slots. */
  careless: int64(["B", "S"], [0, 1, 2, 3, 0, 0, 4, 5, 0]),
  first: int64(["B"], [0, 3, 4]),
  firstInverse: int64(["T"], [0, 3, 3, 1, 2, 3]),
};
const realSlots = { dtype: "float32" as const, dims: ["B", "S", 1], values: [1, 1, 1, 1, 0, 0, 1, 1, 0] };
const padded = (index: Tensor): RowMap => ({ index, pads: true });
const whole = (index: Tensor): RowMap => ({ index, pads: false });

const GATHERS = (
  [
    [
      "tokens to a grid with zero rows",
      ([x], { grid, slots }) => gatherRows(x, padded(grid), whole(slots)),
      [input("T", 4)],
    ],
    [
      "a grid to tokens",
      ([x], { grid, slots }) => gatherRows(x, whole(slots), padded(grid)),
      [input("B", "S", 4)],
    ],
    [
      "tokens to a grid whose pads are masked afterwards",
      ([x], { careless, slots, real }) => mul(gatherRows(x, whole(careless), whole(slots)), real),
      [input("T", 4)],
    ],
    [
      "the first token of each row",
      ([x], { first, firstInverse }) => gatherRows(x, whole(first), padded(firstInverse)),
      [input("T", 4)],
    ],
    [
      "there and back",
      ([x], { grid, slots }) =>
        gatherRows(gatherRows(x, padded(grid), whole(slots)), whole(slots), padded(grid)),
      [input("T", 4)],
    ],
  ] satisfies Case[]
).map(([name, f, inputs]): Case => [name, f, inputs, { fixed: { ...MAPS, real: realSlots }, sizes: GRID }]);

describe.each([
  ["elementwise", ELEMENTWISE],
  ["broadcasting", broadcasting],
  ["matMul", MATMUL],
  ["movement", MOVEMENT],
  ["reductions", REDUCTIONS],
  ["softmax and normalization", NORMALIZATION],
  ["gatherRows", GATHERS],
])("gradient of %s", (_, cases) => {
  it.each(cases.map((given) => [given[0], given] as const))("%s", (_name, given) => check(given));
});

describe("the check itself", () => {
  const wrong = (x: Tensor, slope: (x: Tensor) => Tensor) =>
    customVjp(
      "Wrong",
      [x],
      () => [exp(x)] as const,
      ([dy]) => [dy ? mul(dy, slope(x)) : null],
    )[0];

  it("sees a factor of a hundredth", async () => {
    const [error] = await gradientErrors({
      inputs: [input(2, 3)],
      f: ([x]) => wrong(x, (t) => mul(exp(t), 1.01)),
    });
    expect(error).toBeGreaterThan(1e-3);
  });

  it("sees one wrong element of a hundred", async () => {
    const bump = Array.from({ length: 100 }, (_, i) => (i === 42 ? 1.2 : 1));
    const f: GradientCase["f"] = ([x]) => wrong(x, (t) => mul(exp(t), t.graph.float32(bump, [100])));
    await expect(checkGradient({ inputs: [input(100)], f })).rejects.toThrow(
      "the gradient of input 0 is off",
    );
  });

  it("sees a gradient that is not a number", async () => {
    const f: GradientCase["f"] = ([x]) => wrong(x, (t) => div(sub(t, t), sub(t, t)));
    await expect(checkGradient({ inputs: [input(3)], f })).rejects.toThrow("NaN");
  });

  it("passes a right one", async () => {
    const [error] = await gradientErrors({ inputs: [input(2, 3)], f: ([x]) => wrong(x, exp) });
    expect(error).toBeLessThan(1e-4);
  });
});
