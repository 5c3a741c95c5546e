/** A packed batch of ragged rows: the maps between tokens, bins and grid, and the memory that it takes. */
import { beforeEach, describe, expect, it } from "vitest";
import { Arena } from "../engine/kernels/arena.ts";
import type { TensorView } from "../engine/runtime/session.ts";
import { FEEDS } from "../model/packed-inputs.ts";
import { Features } from "../tasks/features.ts";
import { allocate, batchBytes, batchSizes, largestSizes, packBatch } from "./batch.ts";
import { EXACT, type Rounding } from "./rounding.ts";

const ALL = new Set<string>(Object.values(FEEDS));

/** Row 0 has a second segment, row 1 is the shortest, row 2 the longest. */
function ragged(): Features {
  const features = new Features(100);
  features.add([1, 10, 2, 11], 3);
  features.add([1, 2], 2);
  features.add([1, 20, 21, 22, 2], 5);
  return features;
}

function numbers({ data }: TensorView): number[] {
  return Array.from(data as ArrayLike<number | bigint>, Number);
}

let arena: Arena;
beforeEach(async () => {
  arena = await Arena.create(1 << 20);
  // What an earlier batch left behind must not show.
  new Uint8Array(arena.memory.buffer).fill(0xab, 64);
});

describe("batchSizes", () => {
  it("counts rows, the longest row and real tokens", () => {
    expect(batchSizes(ragged(), [0, 1, 2])).toEqual({ B: 3, S: 5, T: 11, G: 3 });
    expect(batchSizes(ragged(), [1])).toEqual({ B: 1, S: 2, T: 2, G: 1 });
    expect(batchSizes(ragged(), [])).toEqual({ B: 0, S: 0, T: 0, G: 0 });
  });

  const sizesOf = (lengths: readonly number[], rounding: Rounding) =>
    batchSizes({ length: (row) => lengths[row] }, Array.from(lengths.keys()), rounding);

  it("has as few bins as the rows fill, and no more than rows where it rounds", () => {
    expect(sizesOf([6, 2, 3, 1], EXACT)).toEqual({ B: 4, S: 6, T: 12, G: 2 });
    expect(sizesOf([6, 2, 3, 1, 6], { ...EXACT, G: 2 })).toEqual({ B: 5, S: 6, T: 18, G: 4 });
    expect(sizesOf([6, 6, 5], { ...EXACT, G: 2 })).toEqual({ B: 3, S: 6, T: 17, G: 3 });
  });

  it("fits rows into bins of the rounded length", () => {
    expect(sizesOf([6, 2, 2], { ...EXACT, S: 8 })).toEqual({ B: 3, S: 8, T: 10, G: 2 });
  });

  it("has a place for tokens that are added, in a bin of their own where the others are full", () => {
    expect(sizesOf([6, 3, 3], { ...EXACT, T: 8 })).toEqual({ B: 3, S: 6, T: 16, G: 3 });
    expect(sizesOf([6, 3, 2], { ...EXACT, T: 8 })).toEqual({ B: 3, S: 6, T: 16, G: 2 });
    expect(sizesOf([6, 6], { ...EXACT, T: 8 })).toEqual({ B: 2, S: 6, T: 12, G: 2 });
  });
});

describe("packBatch", () => {
  it("packs the rows in the order asked for, without pads", () => {
    const { feeds, sizes } = packBatch(arena, ragged(), [1, 0], ALL);
    expect(sizes).toEqual({ B: 2, S: 4, T: 6, G: 2 });
    expect(numbers(feeds[FEEDS.inputIds])).toEqual([1, 2, 1, 10, 2, 11]);
    expect(numbers(feeds[FEEDS.positionIds])).toEqual([0, 1, 0, 1, 2, 3]);
    expect(numbers(feeds[FEEDS.tokenTypeIds])).toEqual([0, 0, 0, 0, 0, 1]);
  });

  it("maps slots to tokens, and pads to token 0", () => {
    const { feeds } = packBatch(arena, ragged(), [1, 0], ALL);
    expect(numbers(feeds[FEEDS.grid])).toEqual([0, 1, 0, 0, 2, 3, 4, 5]);
    expect(numbers(feeds[FEEDS.slots])).toEqual([0, 1, 4, 5, 6, 7]);
  });

  it("puts rows into bins, where each attends to itself alone", () => {
    const features = ragged();
    features.add([1, 2, 0], 3);
    // The last token of row 3 is none that others attend to.
    features.attended = (row) => (row === 3 ? 2 : features.length(row));
    const { feeds, sizes } = packBatch(arena, features, [1, 2, 3], ALL);
    expect(sizes).toEqual({ B: 3, S: 5, T: 10, G: 2 });
    // Row 2 fills a bin; in the other the longer of rows 3 and 1 comes first.
    expect(numbers(feeds[FEEDS.places])).toEqual([8, 9, 0, 1, 2, 3, 4, 5, 6, 7]);
    expect(numbers(feeds[FEEDS.bins])).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
    expect(numbers(feeds[FEEDS.zeroPaddedBins])).toEqual(numbers(feeds[FEEDS.bins]));
    const bias = feeds[FEEDS.binBias];
    expect(bias.dims).toEqual([2, 1, 5, 5]);
    const open = numbers(bias).map((x) => (x === 0 ? 1 : 0));
    expect(open.slice(0, 25)).toEqual(Array(25).fill(1));
    expect(open.slice(25)).toEqual([
      ...[1, 1, 0, 0, 0],
      ...[1, 1, 0, 0, 0],
      ...[1, 1, 0, 0, 0],
      ...[0, 0, 0, 1, 1],
      ...[0, 0, 0, 1, 1],
    ]);
  });

  it("finds each row's [CLS], and back", () => {
    const { feeds } = packBatch(arena, ragged(), [2, 1, 0], ALL);
    expect(numbers(feeds[FEEDS.clsRows])).toEqual([0, 5, 7]);
    expect(numbers(feeds[FEEDS.clsInverse])).toEqual([0, 3, 3, 3, 3, 1, 3, 2, 3, 3, 3]);
  });

  it("puts tokens that nothing attends to behind the rows' own where sizes are larger", () => {
    const { feeds, tokens, tableRows } = packBatch(arena, ragged(), [1, 0], ALL, {
      ...{ B: 2, S: 5, T: 8, G: 2 },
    });
    expect(numbers(feeds[FEEDS.bins])).toEqual([2, 3, 4, 5, 0, 0, 1, 0, 0, 0]);
    expect(numbers(feeds[FEEDS.zeroPaddedBins])).toEqual([2, 3, 4, 5, 8, 0, 1, 8, 8, 8]);
    expect(numbers(feeds[FEEDS.places])).toEqual([5, 6, 0, 1, 2, 3, 4, 4]);
    expect(numbers(feeds[FEEDS.inputIds])).toEqual([1, 2, 1, 10, 2, 11, 0, 0]);
    expect(numbers(feeds[FEEDS.grid])).toEqual([0, 1, 0, 0, 0, 2, 3, 4, 5, 0]);
    expect(numbers(feeds[FEEDS.slots])).toEqual([0, 1, 5, 6, 7, 8, 2, 2]);
    expect(numbers(feeds[FEEDS.clsInverse])).toEqual([0, 2, 1, 2, 2, 2, 2, 2]);
    expect(numbers(feeds[FEEDS.keyBias]).map((bias) => bias === 0)).toEqual([
      ...[true, true, false, false, false],
      ...[true, true, true, true, false],
    ]);
    expect(tokens).toBe(6);
    for (const values of Object.values(tableRows)) expect(values).toHaveLength(6);
  });

  it("masks pads as keys, and nothing else", () => {
    const { feeds } = packBatch(arena, ragged(), [1, 0], ALL);
    const bias = feeds[FEEDS.keyBias];
    expect(bias.dims).toEqual([2, 1, 4]);
    expect(numbers(bias).map((x) => x < 0)).toEqual([false, false, true, true, false, false, false, false]);
    expect(Math.fround(Math.exp(numbers(bias)[2] + 1000))).toBe(0);
  });

  it("gives the tables' rows as the gradients' kernels take them", () => {
    const { tableRows } = packBatch(arena, ragged(), [0], ALL);
    expect(tableRows.words).toEqual(Int32Array.of(1, 10, 2, 11));
    expect(tableRows.positions).toEqual(Int32Array.of(0, 1, 2, 3));
    expect(tableRows.types).toEqual(Int32Array.of(0, 0, 0, 1));
  });

  it("makes only the feeds that the program wants", () => {
    const wanted = new Set<string>([FEEDS.inputIds, FEEDS.keyBias, "targets"]);
    const { feeds } = packBatch(arena, ragged(), [0, 1], wanted);
    expect(Object.keys(feeds).sort()).toEqual([FEEDS.inputIds, FEEDS.keyBias].sort());
  });

  it("keeps ids above 16 bits", () => {
    const features = new Features(200_000);
    features.add([199_999], 1);
    expect(numbers(packBatch(arena, features, [0], ALL).feeds[FEEDS.inputIds])).toEqual([199_999]);
  });
});

describe("allocate", () => {
  it("resolves symbols with the batch's sizes", () => {
    const sizes = { B: 2, S: 3, T: 5, G: 2 };
    const logits = allocate(arena, { name: "x", dtype: "float32", dims: ["B", 4] }, sizes);
    expect([logits.type, logits.dims, logits.data.length]).toEqual(["float32", [2, 4], 8]);
    const mask = allocate(arena, { name: "m", dtype: "uint8", dims: ["B", 2, "S", "S"] }, sizes);
    expect([mask.type, mask.dims, mask.data.length]).toEqual(["uint8", [2, 2, 3, 3], 36]);
    expect(allocate(arena, { name: "one", dtype: "float32", dims: [] }, sizes).data.length).toBe(1);
  });

  it("has no memory for a type that no output has", () => {
    const spec = { name: "ids", dtype: "int64" as const, dims: ["T"] };
    expect(() => allocate(arena, spec, { B: 1, S: 1, T: 1, G: 1 })).toThrow("internal: ids");
  });
});

describe("batchBytes", () => {
  const values = [
    { name: "rows", dtype: "float32" as const, dims: ["T", 7], bytes: 4 },
    { name: "mask", dtype: "uint8" as const, dims: ["B", "S", "S"], bytes: 1 },
    { name: "loss", dtype: "float32" as const, dims: [], bytes: 4 },
  ];

  it.each([
    ["one row of one token", [1]],
    ["rows of one length", [40, 40, 40, 40]],
    ["one long row among short ones", [2, 2, 100, 2, 2, 2, 2]],
    ["rows that share bins", [30, 20, 10, 7, 3, 2, 1]],
    ["many rows of one token", Array.from({ length: 100 }, () => 1)],
  ])("is enough for %s", (_name, lengths) => {
    const features = new Features(100);
    for (const length of lengths) features.add(new Array(length).fill(1), length);
    const rows = lengths.map((_, row) => row);
    const mark = arena.mark();
    const { sizes } = packBatch(arena, features, rows, ALL);
    for (const value of values) allocate(arena, value, sizes);
    expect(arena.used - mark).toBeLessThanOrEqual(batchBytes(values, sizes));
  });
});

describe("largestSizes", () => {
  it("takes the longest rows", () => {
    expect(largestSizes(ragged(), 2)).toEqual({ B: 2, S: 5, T: 9, G: 2 });
    expect(largestSizes(ragged(), 1)).toEqual({ B: 1, S: 5, T: 5, G: 1 });
  });

  it("takes all rows where they are fewer than a batch", () => {
    expect(largestSizes(ragged(), 32)).toEqual({ B: 3, S: 5, T: 11, G: 3 });
  });

  it("sorts lengths as numbers", () => {
    const features = new Features(100);
    for (const length of [9, 100, 20]) features.add(new Array(length).fill(1), length);
    expect(largestSizes(features, 2)).toEqual({ B: 2, S: 100, T: 120, G: 2 });
  });

  it("is nothing without rows", () => {
    expect(largestSizes(new Features(10), 4)).toEqual({ B: 0, S: 0, T: 0, G: 0 });
  });
});
