/** The rows of a run where some are held out for validation, or a fraction is learned from: which, told before they are read. */
import { InputError } from "../util/errors.ts";
import type { Application } from "./applications/application.ts";
import { chooseRows, ROLE } from "./choose-rows.ts";
import { type DatasetOptions, isRepeatable } from "./dataset.ts";
import type { DataInput, FineTuneOptions } from "./options.ts";

/** Not the seed of the run: runs of other seeds have the same rows. */
export const SPLIT_SEED = 42;

/** Rows of a split that are read. */
export type KeptRows = Pick<DatasetOptions, "keep"> & {
  /** For people. */
  readonly note?: string;
};

export interface SelectedRows {
  readonly train: KeptRows;
  /** undefined: none are held out. */
  readonly validation?: KeptRows;
}

/** Reads the rows once, to know what they are. All are learned from where no option says otherwise. */
export async function selectRows(options: FineTuneOptions, application: Application): Promise<SelectedRows> {
  const { validationSplit, fraction, splitSeed: seed = SPLIT_SEED, train, trainTags } = options;
  if (validationSplit === undefined && fraction === undefined) return { train: {} };
  const keys = await application.rowKeys(train, { ...options, tags: trainTags });
  const name = typeof train === "string" ? train : "rows in memory";
  const roles = chooseRows(keys, { validationSplit, fraction, seed }, name);
  const keep = (role: number) => (row: number) => roles[row] === role;
  const held = roles.reduce((sum, role) => sum + (role === ROLE.validation ? 1 : 0), 0);
  const note = fraction === undefined ? undefined : `chosen among ${roles.length - held} by --fraction`;
  return {
    train: { keep: keep(ROLE.train), note },
    validation:
      validationSplit === undefined
        ? undefined
        : { keep: keep(ROLE.validation), note: `held out of ${roles.length} by --validation-split` },
  };
}

/** `options` with training rows that can be read several times. Throws `InputError` for those of a pipe. */
export async function withRepeatableRows(options: FineTuneOptions): Promise<FineTuneOptions> {
  if (options.validationSplit === undefined && options.fraction === undefined) return options;
  for (const path of [options.train, options.trainTags]) {
    if (typeof path !== "string" || (await isRepeatable(path))) continue;
    throw new InputError(
      `${path === "-" ? "standard input" : path} can be read only once, and --validation-split and --fraction need to read it again.\n` +
        "Save it to a file and give the file's name.",
    );
  }
  return {
    ...options,
    train: typeof options.train === "string" ? options.train : await collect(options.train),
  };
}

async function collect(rows: Exclude<DataInput, string>): Promise<DataInput> {
  if (Array.isArray(rows)) return rows;
  const all = [];
  for await (const row of rows) all.push(row);
  return all;
}
