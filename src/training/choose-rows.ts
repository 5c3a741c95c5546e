/**
 * Which rows are learned from, which are held out, and which neither: shares of one set of rows, by chance and the seed.
 * Rows of one label are shared out alike (stratified); rows of one group, such as the questions of a passage, stay
 * together. A smaller fraction is a part of a larger one, and does not change what is held out.
 */
import { InputError } from "../util/errors.ts";
import { PURPOSE, permutation } from "../util/random.ts";

/** What is to be known of the rows, each by its number. */
export type RowKeys =
  /** `of`: the number of each row's label in `names`. */
  | { readonly kind: "labels"; readonly of: ArrayLike<number>; readonly names: readonly string[] }
  /** `of`: the number of each row's group; `what` a group is, in the plural. */
  | { readonly kind: "groups"; readonly of: ArrayLike<number>; readonly what: string }
  | { readonly kind: "alike"; readonly rows: number };

export interface Shares {
  /** Of all rows; default 0. */
  validationSplit?: number;
  /** Of the rows that are not held out; default 1. */
  fraction?: number;
  seed: number;
}

export const ROLE = { unused: 0, train: 1, validation: 2 } as const;

/** The role of each row. `name` is for messages. Throws `InputError` where there are too few to hold some out. */
export function chooseRows(keys: RowKeys, shares: Shares, name: string): Uint8Array {
  const strata = strataOf(keys);
  if (shares.validationSplit !== undefined) checkEnough(strata, keys, name);
  const roles = new Uint8Array(keys.kind === "alike" ? keys.rows : keys.of.length);
  for (const [number, stratum] of strata.entries()) assign(roles, stratum, shares, number);
  return roles;
}

/** Rows that are shared out on their own, in units that stay together: a row each, or several. */
interface Stratum {
  readonly rows: number;
  readonly units: number;
  rowsOf(unit: number): ArrayLike<number>;
}

function strataOf(keys: RowKeys): Stratum[] {
  switch (keys.kind) {
    case "labels":
      return rowsByNumber(keys.of).map((rows) => singles(rows.length, (unit) => rows[unit]));
    case "groups": {
      const groups = rowsByNumber(keys.of);
      return [{ rows: keys.of.length, units: groups.length, rowsOf: (unit) => groups[unit] }];
    }
    case "alike":
      return [singles(keys.rows, (unit) => unit)];
  }
}

function singles(rows: number, rowOf: (unit: number) => number): Stratum {
  return { rows, units: rows, rowsOf: (unit) => [rowOf(unit)] };
}

function rowsByNumber(numbers: ArrayLike<number>): number[][] {
  const rows: number[][] = [];
  for (let row = 0; row < numbers.length; row++) {
    rows[numbers[row]] ??= [];
    rows[numbers[row]].push(row);
  }
  return rows;
}

/** Units in an order of chance: the first are held out, the next are learned from. */
function assign(roles: Uint8Array, stratum: Stratum, shares: Shares, number: number): void {
  const order = permutation(stratum.units, shares.seed, PURPOSE.split, number);
  const { validationSplit, fraction = 1 } = shares;
  let [unit, rows] = [0, 0];
  /** Takes units up to `share` of the rows that are left, as near as it can be: one at least, at most up to `end`. */
  const take = (role: number, share: number, end: number) => {
    const wanted = rows + share * (stratum.rows - rows);
    for (let first = true; unit < end; first = false) {
      const next = stratum.rowsOf(order[unit]);
      if (!first && rows + next.length / 2 > wanted) return;
      for (let i = 0; i < next.length; i++) roles[next[i]] = role;
      rows += next.length;
      unit++;
    }
  };
  if (validationSplit !== undefined) take(ROLE.validation, validationSplit, stratum.units - 1);
  take(ROLE.train, fraction, stratum.units);
}

function checkEnough(strata: readonly Stratum[], keys: RowKeys, name: string): void {
  const few = strata.findIndex(({ units }) => units < 2);
  if (few < 0) return;
  if (keys.kind === "labels") {
    throw new InputError(
      `${name}: label ${JSON.stringify(keys.names[few])} has one row, and --validation-split needs two of each label.\n` +
        "Add a row of it, or leave it out; or give rows to measure on with --validation.",
    );
  }
  const what = keys.kind === "groups" ? keys.what : "rows";
  throw new InputError(
    `${name}: --validation-split needs two ${what} at least, one to learn from and one to measure on.\n` +
      "Add some, or give rows to measure on with --validation.",
  );
}
