/** What `freeze` names, what it refuses, and that what is frozen costs nothing and changes nothing else. */
import { describe, expect, it } from "vitest";
import { type TinyStepOptions, tinyRows, tinyStep } from "../../test/helpers/tiny-step.ts";
import type { ParameterSpec } from "../model/parameters.ts";
import { UsageError } from "../util/errors.ts";
import { freezingLine, frozenParameters, layersInBackwardPass, patternFault } from "./freezing.ts";

const EMBEDDINGS = ["embeddings.word_embeddings.weight", "embeddings.LayerNorm.bias"];
const LAYER = ["attention.self.query.weight", "attention.output.LayerNorm.bias", "output.dense.weight"];
const LAYERS = Array.from({ length: 12 }, (_, i) => LAYER.map((name) => `encoder.layer.${i}.${name}`));
const NAMES = [
  ...[...EMBEDDINGS, ...LAYERS.flat(), "pooler.dense.weight"].map((name) => `bert.${name}`),
  "classifier.weight",
];
const SPECS = NAMES.map(
  (name): ParameterSpec => ({ name, dims: [2, 500], initializer: "normal", table: false }),
);

const frozen = (...patterns: string[]) =>
  [...frozenParameters(patterns, SPECS)].map((name) => name.replace("bert.", ""));

function refusal(...patterns: string[]): string {
  try {
    frozenParameters(patterns, SPECS);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error("not refused");
}

describe("a name freezes", () => {
  it.each<[string, string[]]>([
    ["embeddings", EMBEDDINGS],
    ["bert.embeddings", EMBEDDINGS],
    ["classifier.weight", ["classifier.weight"]],
    ["encoder.layer.1", LAYERS[1]],
    ["encoder.layer.9-11", LAYERS.slice(9).flat()],
    ["encoder.layer.0-1.attention.self", [LAYERS[0][0], LAYERS[1][0]]],
    ["encoder", LAYERS.flat()],
    ["*.bias", NAMES.filter((name) => name.endsWith("bias")).map((name) => name.slice(5))],
    ["encoder.layer.2.*.LayerNorm", [LAYERS[2][1]]],
  ])("%s", (pattern, names) => {
    expect(frozen(pattern)).toEqual(names);
  });

  it("beside other names, once where several are the same", () => {
    expect(frozen("pooler", "embeddings", "embeddings.LayerNorm").sort()).toEqual(
      [...EMBEDDINGS, "pooler.dense.weight"].sort(),
    );
  });
});

describe("a name is refused", () => {
  const PARTS = "It has embeddings, encoder.layer.0-11, pooler, classifier.";

  it.each([
    ["embedings", "freeze embedings is no part of this model. Did you mean embeddings?"],
    ["encoder.layers.0", "freeze encoder.layers.0 is no part of this model. Did you mean encoder.layer.0?"],
    [
      "encoder.layer.10-99999999",
      "freeze encoder.layer.10-99999999: encoder.layer.12 is no part of this model.",
    ],
    ["encoder.layer.12", "freeze encoder.layer.12 is no part of this model."],
    ["layer", "freeze layer is no part of this model."],
    [
      "pooler.dense.weigh",
      "freeze pooler.dense.weigh is no part of this model. Did you mean pooler.dense.weight?",
    ],
    ["(", "freeze ( is no part of this model."],
  ])("that is no parameter's: %s", (pattern, expected) => {
    expect(refusal("embeddings", pattern).split("\n")).toEqual([expected, PARTS]);
  });

  it("together with all others", () => {
    expect(refusal("*")).toMatch(/^freeze \*: that is the whole model/);
    expect(refusal("embeddings", "encoder", "pooler", "classifier")).toContain("nothing is left to learn");
  });

  it.each([
    ["", "a name is empty"],
    [" ", "a name is empty"],
    [7, "a name is empty"],
    ["encoder.layer.3-1", "3-1 counts down"],
    ["encoder.layer.1-1", undefined],
    ["well-known.0-2", undefined],
  ])("before there is a model: %j", (pattern, fault) => {
    expect(patternFault(pattern)).toBe(fault);
  });
});

it.each([
  [[], 12],
  [["embeddings.word_embeddings"], 12],
  [["embeddings"], 12],
  [["embeddings", "encoder.layer.0-3", "encoder.layer.9"], 8],
  [["embeddings", "encoder.layer.0-3", "encoder.layer.4.attention.self"], 8],
  [["embeddings", "encoder"], 0],
  [["bert"], 0],
])("with %j frozen the backward pass goes through %i layers", (patterns, layers) => {
  expect(layersInBackwardPass(SPECS, frozenParameters(patterns, SPECS), 12)).toBe(layers);
});

it("says how much learns", () => {
  const patterns = ["embeddings", "encoder.layer.0-9"];
  expect(freezingLine(patterns, SPECS, frozenParameters(patterns, SPECS))).toBe(
    "8,000 of 40,000 parameters learn (frozen: embeddings, encoder.layer.0-9)",
  );
});

describe("a step", () => {
  const features = tinyRows([4, 9, 2, 16, 7, 5]);
  const MICRO = [
    [0, 1, 2],
    [3, 4, 5],
  ];
  const OPTIMIZER = {
    ...{ weightDecay: 0.1, maxGradNorm: 0, adamBeta1: 0.9, adamBeta2: 0.999, adamEpsilon: 1e-8 },
    adamBiasCorrection: true,
  };

  /** Two steps' losses and the last one's gradients, and the weights before and after. */
  async function train(options: TinyStepOptions, micro: readonly number[][]) {
    const { step, store } = await tinyStep({ dropout: 0.2, accumulation: micro.length, ...options });
    const before = store.snapshot().map((weight) => weight.slice());
    const { loss } = await step.gradients(features, micro, 0);
    const gradients = store.parameters.map(({ gradient }) => gradient.slice());
    const { gradientNorm } = await step.run(features, micro, { step: 0, learningRate: 1e-2 }, OPTIMIZER);
    step.dispose();
    return { loss, gradients, gradientNorm, before, store };
  }

  const CASES: [string, (name: string) => boolean][] = [
    ["embeddings and the lower layer", (name) => /embeddings|layer\.0/.test(name)],
    ["the word embeddings alone", (name) => name.includes("word_embeddings")],
    ["a layer in the middle of what learns", (name) => name.includes("layer.1")],
    ["all but the classifier", (name) => name.startsWith("bert.")],
  ];

  it.each(CASES)("with %s frozen changes nothing else", async (_what, isFrozen) => {
    const all = await train({}, [MICRO.flat()]);
    const names = all.store.parameters.map(({ spec }) => spec.name);
    const some = new Set(names.filter(isFrozen));
    const settings: [TinyStepOptions, readonly number[][]][] = [
      [{}, [MICRO.flat()]],
      [{ recompute: "layers" }, [MICRO.flat()]],
      [{ recompute: "attention" }, MICRO],
    ];
    for (const [options, micro] of settings) {
      const whole = micro.length === 1 ? all : await train(options, micro);
      const part = await train({ ...options, frozen: some }, micro);
      expect(Math.abs(part.loss - whole.loss)).toBeLessThan(1e-6);
      let squares = 0;
      for (const [i, { spec, weight, frozen, gradient, moment1 }] of part.store.parameters.entries()) {
        expect(frozen, spec.name).toBe(some.has(spec.name));
        if (frozen) {
          expect([gradient.length, moment1.length], spec.name).toEqual([0, 0]);
          expect(weight, spec.name).toEqual(part.before[i]);
          continue;
        }
        expect(weight, spec.name).not.toEqual(part.before[i]);
        part.gradients[i].forEach((value, j) => {
          squares += value * value;
          if (Math.abs(value - whole.gradients[i][j]) > 1e-6) expect.fail(`${spec.name}[${j}]`);
        });
      }
      // The norm is of what learns.
      expect(part.gradientNorm).toBeCloseTo(Math.sqrt(squares), 4);
    }
  });
});
