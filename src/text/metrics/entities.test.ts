import { describe, expect, it } from "vitest";
import type { EntitiesOptions } from "./entities.ts";
import { entities } from "./entities.ts";

const STRICT: EntitiesOptions = { mode: "strict", scheme: "IOB2" };

/** Sentences as `[prediction, reference]`, tags apart by spaces. */
function fed(options: EntitiesOptions, sentences: [string, string][]) {
  const metric = entities(options);
  for (const [prediction, reference] of sentences) metric.update(words(prediction), words(reference));
  return metric;
}

function words(text: string): string[] {
  return text === "" ? [] : text.split(" ");
}

// PER: one right, one with a wrong end. LOC: one missed. ORG: one too many.
const sentences: [string, string][] = [
  ["B-PER I-PER O O", "B-PER I-PER O B-LOC"],
  ["B-PER O B-ORG", "B-PER I-PER O"],
];

describe("whole entities", () => {
  const metric = fed({ mode: "default" }, sentences);

  it("are right where type and both ends are", () => {
    expect(metric.compute()).toMatchObject({ precision: 1 / 3, recall: 1 / 3, f1: 1 / 3, accuracy: 4 / 7 });
  });

  it("have scores by type, sorted, those that were only predicted among them", () => {
    expect(metric.perType()).toEqual([
      { name: "LOC", precision: 0, recall: 0, f1: 0, support: 1 },
      { name: "ORG", precision: 0, recall: 0, f1: 0, support: 0 },
      { name: "PER", precision: 0.5, recall: 0.5, f1: 0.5, support: 2 },
    ]);
  });

  it("are averaged over types, or by how often each is there", () => {
    const values = metric.compute();
    for (const name of ["macro_precision", "macro_recall", "macro_f1"])
      expect(values[name]).toBeCloseTo(1 / 6);
    expect(values.weighted_f1).toBeCloseTo(1 / 3, 12);
  });
});

describe("modes", () => {
  const stray: [string, string][] = [["I-PER I-PER", "B-PER I-PER"]];

  it("default takes an I without a B as a start", () => {
    expect(fed({ mode: "default" }, stray).compute()).toMatchObject({ f1: 1, accuracy: 0.5 });
  });

  it("strict does not", () => {
    expect(fed(STRICT, stray).compute()).toMatchObject({ precision: 0, recall: 0, f1: 0, accuracy: 0.5 });
  });

  it("strict reads the scheme that it is given", () => {
    const pair: [string, string][] = [["B-PER E-PER S-LOC", "B-PER E-PER O"]];
    expect(fed({ mode: "strict", scheme: "IOBES" }, pair).compute()).toMatchObject({
      precision: 0.5,
      recall: 1,
    });
  });
});

describe("sentences", () => {
  it("do not run into each other", () => {
    const pair: [string, string][] = [
      ["B-PER", "B-PER"],
      ["I-PER", "I-PER"],
    ];
    expect(fed({ mode: "default" }, pair).counts().types.get("PER")).toEqual({
      truePositives: 2,
      predicted: 2,
      support: 2,
    });
  });

  it("may be empty, or without entities", () => {
    const values = fed({ mode: "default" }, [
      ["", ""],
      ["O O", "O O"],
    ]).compute();
    expect(values).toMatchObject({
      accuracy: 1,
      precision: 0,
      recall: 0,
      f1: 0,
      macro_f1: 0,
      weighted_f1: 0,
    });
  });

  it("of two lengths are refused and not counted", () => {
    const metric = entities({ mode: "default" });
    expect(() => metric.update(["B-PER"], ["B-PER", "O"])).toThrow(
      "entities: expected 2 tags, one a word of the reference, got 1",
    );
    expect(metric.counts()).toEqual({ words: 0, rightWords: 0, types: new Map() });
  });

  it("none give 0", () => {
    for (const [name, value] of Object.entries(entities(STRICT).compute())) expect(value, name).toBe(0);
  });
});

it("takes a type that is a name of Object's for a type", () => {
  const metric = fed(STRICT, [["B-__proto__ B-constructor", "B-__proto__ O"]]);
  expect(metric.perType().map(({ name, precision }) => [name, precision])).toEqual([
    ["__proto__", 1],
    ["constructor", 0],
  ]);
});

describe("merge", () => {
  it("equals one metric that saw all sentences, and leaves the other as it was", () => {
    const a = fed(STRICT, sentences.slice(0, 1));
    const b = fed(STRICT, sentences.slice(1));
    const before = b.counts();
    a.merge(b);
    expect(a.compute()).toEqual(fed(STRICT, sentences).compute());
    expect(a.perType()).toEqual(fed(STRICT, sentences).perType());
    a.update(["B-PER"], ["B-PER"]);
    expect(b.counts()).toEqual(before);
  });

  it("with itself doubles all counts", () => {
    const a = fed(STRICT, sentences);
    a.merge(a);
    expect(a.counts()).toMatchObject({ words: 14, rightWords: 8 });
    expect(a.counts().types.get("PER")).toEqual({ truePositives: 2, predicted: 4, support: 4 });
  });
});
