/** Tokenized rows: growth, the width of an id, labels. */
import { describe, expect, it } from "vitest";
import { Features } from "./features.ts";
import { Growable } from "./growable.ts";

describe("Growable", () => {
  it("keeps every value over many growths", () => {
    const growable = new Growable((n) => new Float32Array(n));
    for (let i = 0; i < 5000; i++) growable.push(i);
    expect(growable.length).toBe(5000);
    expect(Array.from(growable.array.subarray(0, 5000))).toEqual(Array.from({ length: 5000 }, (_, i) => i));
  });

  it("makes room for more than half as much again at once", () => {
    const growable = new Growable((n) => new Uint16Array(n));
    growable.push(7);
    growable.reserve(100_000);
    expect(growable.array.length).toBeGreaterThanOrEqual(100_001);
    expect(growable.array[0]).toBe(7);
  });

  it("does not move while there is room", () => {
    const growable = new Growable((n) => new Uint32Array(n));
    const { array } = growable;
    growable.reserve(array.length);
    expect(growable.array).toBe(array);
    growable.reserve(array.length + 1);
    expect(growable.array).not.toBe(array);
  });
});

describe("Features", () => {
  it("gives back rows of any length", () => {
    const features = new Features(100);
    features.add([1, 5, 2], 3);
    features.add([1, 6, 2, 7, 8, 2], 3);
    features.add([1, 2], 2);
    expect([features.rows, features.tokens, features.maxLength]).toEqual([3, 11, 6]);
    expect([0, 1, 2].map((row) => Array.from(features.inputIds(row)))).toEqual([
      [1, 5, 2],
      [1, 6, 2, 7, 8, 2],
      [1, 2],
    ]);
    expect([0, 1, 2].map((row) => features.length(row))).toEqual([3, 6, 2]);
    expect([0, 1, 2].map((row) => features.firstLength(row))).toEqual([3, 3, 2]);
  });

  it("holds what outgrows the first allocation", () => {
    const features = new Features(65_536);
    const row = (i: number) => Array.from({ length: 1 + (i % 90) }, (_, j) => (i * 31 + j) % 65_536);
    for (let i = 0; i < 2000; i++) features.add(row(i), 1 + (i % 90));
    for (const i of [0, 1, 89, 90, 1023, 1024, 1999]) {
      expect(Array.from(features.inputIds(i)), `row ${i}`).toEqual(row(i));
      expect(features.firstLength(i)).toBe(1 + (i % 90));
    }
    expect(features.maxLength).toBe(90);
  });

  it.each([
    [65_536, Uint16Array],
    [65_537, Uint32Array],
  ])("a vocabulary of %i keeps its highest id", (vocabSize, kind) => {
    const features = new Features(vocabSize);
    features.add([vocabSize - 1, 0], 2);
    expect(features.inputIds(0)).toBeInstanceOf(kind);
    expect(Array.from(features.inputIds(0))).toEqual([vocabSize - 1, 0]);
  });

  it("gives each row its own labels", () => {
    const features = new Features(10);
    features.add([1], 1);
    features.add([2], 1);
    features.setLabels({ width: 3, values: Float32Array.of(1, 0, 0, 0, 1, 1) });
    expect(Array.from(features.label(0))).toEqual([1, 0, 0]);
    expect(Array.from(features.label(1))).toEqual([0, 1, 1]);
  });

  it("refuses labels of another number of rows", () => {
    const features = new Features(10);
    features.add([1], 1);
    expect(() => features.setLabels({ width: 1, values: new Float32Array(2) })).toThrow(
      "internal: 2 label values for 1 rows",
    );
  });

  it("is empty at first", () => {
    const features = new Features(10);
    expect([features.rows, features.tokens, features.maxLength]).toEqual([0, 0, 0]);
  });
});
