/**
 * What each option of a run is in the end, and who said so: the user, a file of options, the recipe, or the default that
 * stands here.
 */
import type { FineTuneOptions } from "./options.ts";

/** `given` by the caller or on the command line; by a `file` of options; by the `recipe`; or nobody said anything. */
export type Origin = "default" | "recipe" | "file" | "given";

export interface ResolvedOption {
  readonly value: unknown;
  readonly origin: Origin;
}

export type ResolvedOptions = Readonly<Record<string, ResolvedOption>>;

/** Defaults that hold for all tasks and models. */
export const STANDARD: Readonly<
  Required<
    Pick<
      FineTuneOptions,
      | "gradientAccumulationSteps"
      | "gradientCheckpointing"
      | "lrSchedulerType"
      | "weightDecay"
      | "maxGradNorm"
      | "adamBeta1"
      | "adamBeta2"
      | "adamEpsilon"
      | "adamBiasCorrection"
      | "onNonFinite"
      | "seed"
      | "runtime"
      | "precision"
    >
  >
> = {
  gradientAccumulationSteps: 1,
  gradientCheckpointing: false,
  lrSchedulerType: "linear",
  weightDecay: 0.01,
  maxGradNorm: 1,
  adamBeta1: 0.9,
  adamBeta2: 0.999,
  adamEpsilon: 1e-8,
  adamBiasCorrection: true,
  onNonFinite: "stop",
  seed: 42,
  runtime: "auto",
  precision: "float32",
};

/** Options that say where the model goes and who listens: the same run has others the next time. */
const NOT_OF_THE_RUN: ReadonlySet<string> = new Set([
  ...["output", "overwrite", "resume", "allowDrift"],
  ...["origins", "signal", "onEvent"],
]);

type Chosen = Partial<FineTuneOptions>;

/** Of `options` those that are not undefined. */
export function definedOf<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

/**
 * Each option that has a value, in plain data. What is left to the content of the files (columns, the kind of labels)
 * has none, nor have rows in memory.
 */
export function resolveOptions(
  options: FineTuneOptions,
  { recipe, defaults }: { recipe: Chosen; defaults: Chosen },
): ResolvedOptions {
  const resolved: Record<string, ResolvedOption> = {};
  const add = (values: object, originOf: (name: string) => Origin) => {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined || NOT_OF_THE_RUN.has(name) || name in resolved) continue;
      if ((name === "train" || name === "validation") && typeof value !== "string") continue;
      resolved[name] = { value, origin: originOf(name) };
    }
  };
  add(options, (name) => options.origins?.[name] ?? "given");
  add(recipe, () => "recipe");
  add(defaults, () => "default");
  return resolved;
}
