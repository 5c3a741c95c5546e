/** A file of options: JSON by the library's names, or the run.json of an earlier run, to do the same again. */
import { readJsonFile, TEXT_LIMITS } from "../files/model-folder.ts";
import { InputError, nearMiss } from "../util/errors.ts";
import { OPTION_VALUES } from "./option-values.ts";
import type { FineTuneOptions } from "./options.ts";
import { definedOf } from "./resolve-options.ts";
import { recordedOptions } from "./run-file.ts";

type Options = Partial<FineTuneOptions>;

/** Two ways to say one thing: one that is given takes the place of the other in the file. */
const RIVALS: readonly (readonly [keyof FineTuneOptions, keyof FineTuneOptions])[] = [
  ["numTrainEpochs", "maxSteps"],
  ["docStride", "docStep"],
  ["validation", "validationSplit"],
];

/** What some options are called elsewhere, the command's short flags among it. */
const OTHER_NAMES: Readonly<Record<string, keyof FineTuneOptions>> = {
  epochs: "numTrainEpochs",
  batchSize: "perDeviceTrainBatchSize",
  patience: "earlyStoppingPatience",
};

/**
 * The options of the file at `path`, and `given` ones, which win. Of a run.json, what was given to that run and what the
 * recipe chose for it; paths are relative to the current folder. Throws `InputError` for a file that is none, a name
 * that is no option, and a value of another kind.
 */
export async function withOptionsFile<T extends Options>(path: string, given: T): Promise<Options & T> {
  const ofFile = await readOptionsFile(path);
  const own = definedOf(given);
  for (const [one, other] of RIVALS.flatMap(([a, b]) => [[a, b] as const, [b, a] as const])) {
    if (one in own) delete ofFile[other];
  }
  const names = Object.keys(ofFile).filter((name) => !(name in own));
  const origins = { ...Object.fromEntries(names.map((name) => [name, "file" as const])), ...given.origins };
  return { ...ofFile, ...own, origins };
}

async function readOptionsFile(path: string): Promise<Options> {
  const json = await readJsonFile(path, TEXT_LIMITS.config);
  const values = "options" in json ? valuesOf(recordedOptions(json, path)) : json;
  for (const [name, value] of Object.entries(values)) checkOption(path, name, value);
  return values;
}

/** Of a run's options those that somebody chose: defaults are left to the version that runs them. */
function valuesOf(recorded: ReturnType<typeof recordedOptions>): Record<string, unknown> {
  const chosen = Object.entries(recorded).filter(([, { origin }]) => origin !== "default");
  return Object.fromEntries(chosen.map(([name, { value }]) => [name, value]));
}

function checkOption(path: string, name: string, value: unknown): void {
  if (!Object.hasOwn(OPTION_VALUES, name)) throw unknownOption(path, name);
  const { fits, expected } = OPTION_VALUES[name as keyof FineTuneOptions];
  if (fits(value)) return;
  throw new InputError(`${path}: ${name} is ${JSON.stringify(value)}, expected ${expected}.`);
}

function unknownOption(path: string, name: string): InputError {
  const camel = name.replace(/^-+/, "").replace(/[-_]+(\w)/g, (_, letter: string) => letter.toUpperCase());
  const near = OTHER_NAMES[camel] ?? nearMiss(camel, Object.keys(OPTION_VALUES));
  const advice =
    near === undefined
      ? "Names are those of train's options, such as learningRate."
      : `Did you mean ${near}?`;
  return new InputError(`${path}: no option ${JSON.stringify(name)}.\n${advice}`);
}
