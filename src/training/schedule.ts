/** Learning-rate schedules as multipliers of the peak rate, by optimizer step; transformers' `get_scheduler`. */
import { UsageError } from "../util/errors.ts";

export const SCHEDULER_TYPES = [
  "linear",
  "cosine",
  "cosine_with_restarts",
  "polynomial",
  "constant",
  "constant_with_warmup",
  "inverse_sqrt",
  "warmup_stable_decay",
] as const;
export type SchedulerType = (typeof SCHEDULER_TYPES)[number];

/** Numbers that only some schedules have, in the spelling of transformers' `lr_scheduler_kwargs`. */
export interface SchedulerKwargs {
  /** `cosine`: waves, default 0.5. `cosine_with_restarts`: falls from the peak to 0, default 1. */
  num_cycles?: number;
  /** `polynomial`: exponent, default 1. */
  power?: number;
  /** `polynomial`: learning rate at the end, default 1e-7. */
  lr_end?: number;
  /** `inverse_sqrt`: steps after which the rate would be the peak's without warm-up; default the warm-up, else 10,000. */
  timescale?: number;
  /** `warmup_stable_decay`: steps of the decay at the end, default a tenth of all. */
  num_decay_steps?: number;
  /** `warmup_stable_decay`: what the decay ends with, as a share of the peak; default 0. */
  min_lr_ratio?: number;
}

export interface ScheduleOptions {
  /** Whole steps. */
  warmupSteps: number;
  totalSteps: number;
  /** The peak, for `lr_end`. */
  learningRate: number;
  kwargs?: SchedulerKwargs;
}

/** What the rate is multiplied by in `step`, which counts from 0. */
export type Schedule = (step: number) => number;

const KWARGS: Readonly<Record<SchedulerType, readonly (keyof SchedulerKwargs)[]>> = {
  linear: [],
  cosine: ["num_cycles"],
  cosine_with_restarts: ["num_cycles"],
  polynomial: ["power", "lr_end"],
  constant: [],
  constant_with_warmup: [],
  inverse_sqrt: ["timescale"],
  warmup_stable_decay: ["num_decay_steps", "min_lr_ratio"],
};

/** All but `constant` warm up linearly; `after` has what follows, by steps since the warm-up and their share of the rest. */
export function createSchedule(type: SchedulerType, options: ScheduleOptions): Schedule {
  if (type === "constant") return () => 1;
  const { warmupSteps, totalSteps } = options;
  const after = AFTER_WARM_UP[type](options);
  const rest = Math.max(1, totalSteps - warmupSteps);
  return (step) => {
    if (step < warmupSteps) return step / Math.max(1, warmupSteps);
    return after(step - warmupSteps, (step - warmupSteps) / rest);
  };
}

type AfterWarmUp = (steps: number, share: number) => number;

const AFTER_WARM_UP: Readonly<
  Record<Exclude<SchedulerType, "constant">, (options: ScheduleOptions) => AfterWarmUp>
> = {
  linear:
    ({ warmupSteps, totalSteps }) =>
    // At the end of a run that is all warm-up the share is not 1.
    (steps) =>
      Math.max(0, (totalSteps - warmupSteps - steps) / Math.max(1, totalSteps - warmupSteps)),
  cosine:
    ({ kwargs }) =>
    (_, share) =>
      halfCosine(2 * (kwargs?.num_cycles ?? 0.5) * share),
  cosine_with_restarts:
    ({ kwargs }) =>
    (_, share) =>
      share >= 1 ? 0 : halfCosine(((kwargs?.num_cycles ?? 1) * share) % 1),
  polynomial: ({ learningRate, kwargs }) => {
    const end = (kwargs?.lr_end ?? 1e-7) / learningRate;
    const power = kwargs?.power ?? 1;
    return (_, share) => (share > 1 ? end : (1 - end) * (1 - share) ** power + end);
  },
  constant_with_warmup: () => () => 1,
  inverse_sqrt: ({ warmupSteps, kwargs }) => {
    const timescale = kwargs?.timescale ?? (warmupSteps || 10_000);
    return (steps) => 1 / Math.sqrt((steps + timescale) / timescale);
  },
  warmup_stable_decay: ({ warmupSteps, totalSteps, kwargs }) => {
    const decay = kwargs?.num_decay_steps ?? Math.ceil(totalSteps / 10);
    const stable = Math.max(0, totalSteps - warmupSteps - decay);
    const least = kwargs?.min_lr_ratio ?? 0;
    return (steps) => {
      if (steps < stable) return 1;
      if (steps >= stable + decay) return least;
      return least + (1 - least) * halfCosine((steps - stable) / decay);
    };
  },
};

/** From 1 to 0 while `share` goes from 0 to 1. */
function halfCosine(share: number): number {
  return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * share)));
}

/** Throws `UsageError` for a number that the schedule does not have, or that cannot be right. */
export function checkKwargs(type: SchedulerType, kwargs: SchedulerKwargs): void {
  for (const [name, value] of Object.entries(kwargs)) {
    const known = KWARGS[type];
    if (!known.includes(name as keyof SchedulerKwargs)) {
      const has = known.length > 0 ? `it has ${known.join(" and ")}` : "it has none";
      throw new UsageError(`lrSchedulerKwargs: the schedule ${type} has no ${name}; ${has}.`, [
        "lrSchedulerKwargs",
      ]);
    }
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0) {
      throw new UsageError(
        `lrSchedulerKwargs: ${name} is ${JSON.stringify(value)}, expected a number of 0 or more.`,
        ["lrSchedulerKwargs"],
      );
    }
  }
}

/** `warmup` whole steps, or below 1 a share of all steps, rounded up (transformers 5). */
export function warmupStepCount(warmup: number, totalSteps: number): number {
  return warmup < 1 ? Math.ceil(warmup * totalSteps) : Math.min(Math.trunc(warmup), totalSteps);
}
