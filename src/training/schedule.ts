/** Learning-rate schedules as multipliers of the peak rate, by optimizer step; transformers' `get_scheduler`. */

/** Linear warm-up over `warmupSteps`, then linear decay to 0 at `totalSteps`; `step` counts from 0. */
export function linearSchedule(step: number, warmupSteps: number, totalSteps: number): number {
  if (step < warmupSteps) return step / Math.max(1, warmupSteps);
  return Math.max(0, (totalSteps - step) / Math.max(1, totalSteps - warmupSteps));
}

/** `warmup` whole steps, or below 1 a share of all steps, rounded up (transformers 5). */
export function warmupStepCount(warmup: number, totalSteps: number): number {
  return warmup < 1 ? Math.ceil(warmup * totalSteps) : Math.min(Math.trunc(warmup), totalSteps);
}
