/** Shares of rows: stratified by label, whole groups, by chance and repeatable; too few rows are told. */
import { describe, expect, it } from "vitest";
import { chooseRows, ROLE, type RowKeys, type Shares } from "./choose-rows.ts";

const NAMES = ["rare", "some", "many"];
/** 10 rows of the first label, 50 of the second, 140 of the third, in turns. */
const LABELS: RowKeys = {
  kind: "labels",
  names: NAMES,
  of: Array.from({ length: 200 }, (_, i) => (i % 20 === 0 ? 0 : i % 4 === 1 ? 1 : 2)),
};

const rowsOf = (roles: Uint8Array, role: number) => [...roles.keys()].filter((row) => roles[row] === role);
const choose = (keys: RowKeys, shares: Partial<Shares>) => {
  const roles = chooseRows(keys, { seed: 42, ...shares }, "train.tsv");
  return { train: rowsOf(roles, ROLE.train), validation: rowsOf(roles, ROLE.validation) };
};
const counts = (rows: readonly number[], { of }: { of: ArrayLike<number> }) => {
  const count = [0, 0, 0];
  for (const row of rows) count[of[row]]++;
  return count;
};

describe("labels", () => {
  it("have the same share held out of each", () => {
    const { train, validation } = choose(LABELS, { validationSplit: 0.2 });
    expect(counts(validation, LABELS)).toEqual([2, 10, 28]);
    expect(train.length + validation.length).toBe(200);
  });

  it("have the same fraction of the rest learned from", () => {
    const { train, validation } = choose(LABELS, { validationSplit: 0.2, fraction: 0.25 });
    expect(counts(train, LABELS)).toEqual([2, 10, 28]);
    expect(counts(validation, LABELS)).toEqual([2, 10, 28]);
    expect(new Set([...train, ...validation]).size).toBe(80);
  });

  it("have one row on each side, however small the share", () => {
    const pairs: RowKeys = { kind: "labels", names: ["a", "b"], of: [0, 1, 1, 0] };
    for (const validationSplit of [0.001, 0.999]) {
      const { train, validation } = choose(pairs, { validationSplit, fraction: 0.001 });
      expect([train.length, validation.length]).toEqual([2, 2]);
    }
  });

  it("of one row cannot be held out, and can be learned from", () => {
    const single: RowKeys = { kind: "labels", names: ["a", "b"], of: [0, 1, 0] };
    expect(() => choose(single, { validationSplit: 0.5 })).toThrow('train.tsv: label "b" has one row');
    expect(choose(single, { fraction: 0.5 }).train).toHaveLength(2);
  });
});

describe("groups", () => {
  /** 40 passages with one to four questions each, not side by side. */
  const sizes = Array.from({ length: 40 }, (_, i) => 1 + (i % 4));
  const of = sizes.flatMap((size, group) => new Array<number>(size).fill(group)).reverse();
  const PASSAGES: RowKeys = { kind: "groups", what: "passages", of: [...of.slice(50), ...of.slice(0, 50)] };

  it("are on one side alone, and hold about the share of the rows", () => {
    const { train, validation } = choose(PASSAGES, { validationSplit: 0.3 });
    const groups = (rows: readonly number[]) => new Set(rows.map((row) => PASSAGES.of[row]));
    expect([...groups(train)].filter((group) => groups(validation).has(group))).toEqual([]);
    expect(train.length + validation.length).toBe(100);
    expect(Math.abs(validation.length - 30)).toBeLessThanOrEqual(2);
  });

  it("need two", () => {
    const one: RowKeys = { kind: "groups", what: "passages", of: [0, 0, 0] };
    expect(() => choose(one, { validationSplit: 0.5 })).toThrow("needs two passages");
    expect(choose(one, { fraction: 0.1 }).train).toHaveLength(3);
  });
});

describe("rows without a key", () => {
  const ROWS: RowKeys = { kind: "alike", rows: 1000 };

  it("are shared out by chance", () => {
    const { validation } = choose(ROWS, { validationSplit: 0.1 });
    expect(validation).toHaveLength(100);
    // Neither the first nor the last ones, nor every tenth.
    const halves = validation.filter((row) => row < 500).length;
    expect(halves).toBeGreaterThan(30);
    expect(halves).toBeLessThan(70);
    expect(new Set(validation.map((row) => row % 10)).size).toBe(10);
  });

  it("are the same for the same seed, others for another", () => {
    const once = choose(ROWS, { validationSplit: 0.1, fraction: 0.5 });
    expect(choose(ROWS, { validationSplit: 0.1, fraction: 0.5 })).toEqual(once);
    expect(choose(ROWS, { validationSplit: 0.1, seed: 43 }).validation).not.toEqual(once.validation);
  });

  it("of a smaller fraction are among those of a larger one", () => {
    const small = choose(ROWS, { validationSplit: 0.1, fraction: 0.2 });
    const large = choose(ROWS, { validationSplit: 0.1, fraction: 0.6 });
    expect(large.validation).toEqual(small.validation);
    expect(small.train.filter((row) => !large.train.includes(row))).toEqual([]);
    expect([small.train.length, large.train.length]).toEqual([180, 540]);
  });

  it("need two", () => {
    expect(() => choose({ kind: "alike", rows: 1 }, { validationSplit: 0.5 })).toThrow("needs two rows");
  });
});
