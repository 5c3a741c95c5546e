/** Columns in memory and beside it: the same numbers, whatever is asked for and when. */
import { describe, expect, it } from "vitest";
import { hash32 } from "../util/random.ts";
import { Column, type Overflow } from "./column.ts";

/** An overflow in memory; the sizes of what was appended, and the overflows that were made. */
function policyOf(mostInMemory: number) {
  let bytes = Buffer.alloc(0);
  const appended: number[] = [];
  const made: Overflow[] = [];
  const create = (): Overflow => {
    const overflow: Overflow = {
      append: (more) => {
        bytes = Buffer.concat([bytes, more]);
        appended.push(more.length);
      },
      read: (position, target) => {
        expect(position + target.length).toBeLessThanOrEqual(bytes.length);
        target.set(bytes.subarray(position, position + target.length));
      },
    };
    made.push(overflow);
    return overflow;
  };
  return { mostInMemory, create, made, appended };
}

/** Rows of 0 to 40 numbers, and one that is larger than what may stay in memory. */
const ROWS = Array.from({ length: 200 }, (_, row) =>
  Array.from({ length: row === 77 ? 3000 : hash32(row) % 41 }, (_number, i) => hash32(row, i) % 65_536),
);
const NUMBERS = ROWS.flat();
const ENDS = ROWS.map((_, row) => ROWS.slice(0, row + 1).reduce((sum, { length }) => sum + length, 0));

const KINDS = [
  ["16 bits", (n: number): Uint16Array | Uint32Array => new Uint16Array(n)],
  ["32 bits", (n: number): Uint16Array | Uint32Array => new Uint32Array(n)],
] as const;

describe.each(KINDS)("numbers of %s", (_name, make) => {
  it.each([0, 100, 1000, 10_000])("are the same with %i bytes in memory", (mostInMemory) => {
    const policy = policyOf(mostInMemory);
    const column = new Column(make, policy);
    const expectRow = (row: number) => {
      const expected = make(ROWS[row].length);
      expected.set(ROWS[row]);
      expect(column.slice(ENDS[row] - ROWS[row].length, ENDS[row]), `row ${row}`).toEqual(expected);
    };
    ROWS.forEach((row, i) => {
      column.append(row);
      expect(column.length).toBe(ENDS[i]);
      expectRow(hash32(i, 1) % (i + 1)); // while it grows
    });
    for (let i = 0; i < 300; i++) expectRow(hash32(i, 2) % ROWS.length);
    expect(policy.made.length).toBe(1);
  });

  it("may be asked for across rows, in the overflow and not", () => {
    const column = new Column(make, policyOf(1000));
    for (const row of ROWS) column.append(row);
    const last = NUMBERS.length;
    for (const [start, end] of [
      [0, last],
      [5, 900],
      [last - 1000, last],
      [last, last],
      [0, 0],
    ]) {
      expect(Array.from(column.slice(start, end))).toEqual(NUMBERS.slice(start, end));
    }
  });
});

it("stay in memory up to the limit, and without a policy", () => {
  const policy = policyOf(2 * NUMBERS.length);
  const columns = [policy, undefined].map((one) => new Column((n) => new Uint16Array(n), one));
  for (const column of columns) {
    for (const row of ROWS) column.append(row);
    expect(Array.from(column.slice(0, column.length))).toEqual(NUMBERS);
  }
  expect(policy.made).toEqual([]);
  columns[0].append([1]);
  expect(policy.appended).toEqual([2 * NUMBERS.length + 2]);
});

it("move together, not row by row", () => {
  const policy = policyOf(3_000_000);
  const column = new Column((n) => new Uint32Array(n), policy);
  for (let row = 0; row < 70; row++) column.append(new Uint32Array(20_000).fill(row));
  expect(policy.appended).toEqual([3_040_000, 1_120_000, 1_120_000]);
  expect([30, 45, 69].map((row) => column.slice(20_000 * row, 20_000 * row + 1)[0])).toEqual([30, 45, 69]);
});

it("that somebody holds do not change when they move", () => {
  const column = new Column((n) => new Uint16Array(n), policyOf(8));
  column.append([1, 2, 3]);
  const held = column.slice(0, 3);
  column.append([4, 5, 6]);
  column.append([7, 8]);
  expect([...held]).toEqual([1, 2, 3]);
  expect([...column.slice(0, 8)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
