/** The schedules against transformers' `get_scheduler`, step by step. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UsageError } from "../util/errors.ts";
import {
  checkKwargs,
  createSchedule,
  SCHEDULER_TYPES,
  type SchedulerKwargs,
  type SchedulerType,
  warmupStepCount,
} from "./schedule.ts";

interface Recorded {
  warmup_steps: number;
  total_steps: number;
  schedules: Record<string, { options: SchedulerKwargs; multipliers: number[] }>;
}

const FILE = join(import.meta.dirname, "../../test/fixtures/bert/schedules.json");
const recorded: Recorded = JSON.parse(readFileSync(FILE, "utf8"));

const multipliers = (
  type: SchedulerType,
  [warmupSteps, totalSteps]: [number, number],
  kwargs?: SchedulerKwargs,
) => {
  const schedule = createSchedule(type, { warmupSteps, totalSteps, learningRate: 1, kwargs });
  return Array.from({ length: totalSteps + 2 }, (_, step) => schedule(step));
};

describe("createSchedule", () => {
  it("has every schedule that was recorded, and no other", () => {
    expect([...SCHEDULER_TYPES].sort()).toEqual(Object.keys(recorded.schedules).sort());
  });

  it.each(SCHEDULER_TYPES)("%s is transformers' schedule", (type) => {
    const { options, multipliers: expected } = recorded.schedules[type];
    expect(expected).toHaveLength(recorded.total_steps);
    const actual = multipliers(type, [recorded.warmup_steps, recorded.total_steps], options);
    expected.forEach((value, step) => {
      expect(actual[step], `step ${step}`).toBeCloseTo(value, 12);
    });
  });

  it.each(SCHEDULER_TYPES)("%s stays from 0 to 1, with and without warm-up, up to its end", (type) => {
    for (const shape of [
      [0, 4],
      [4, 4],
      [1, 1],
      [3, 50],
    ] as [number, number][]) {
      for (const value of multipliers(type, shape)) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }
    }
  });

  it("starts at the peak without warm-up", () => {
    for (const type of SCHEDULER_TYPES) expect(multipliers(type, [0, 40])[0]).toBe(1);
    expect(multipliers("linear", [0, 4])).toEqual([1, 0.75, 0.5, 0.25, 0, 0]);
  });

  it("ends a run that is all warm-up", () => {
    expect(multipliers("linear", [4, 4])).toEqual([0, 0.25, 0.5, 0.75, 0, 0]);
  });

  it("ends polynomial at its own rate, whatever the peak", () => {
    const schedule = createSchedule("polynomial", {
      warmupSteps: 0,
      totalSteps: 10,
      learningRate: 2e-5,
      kwargs: { lr_end: 1e-5 },
    });
    expect([schedule(0), schedule(10), schedule(11)]).toEqual([1, 0.5, 0.5]);
  });

  it("decays at the end alone where it is stable before", () => {
    const values = multipliers("warmup_stable_decay", [2, 20], { num_decay_steps: 4, min_lr_ratio: 0.25 });
    expect(values.slice(2, 17)).toEqual(new Array(15).fill(1));
    expect(values[18]).toBeCloseTo(0.625, 12);
    expect(values[20]).toBe(0.25);
  });
});

describe("checkKwargs", () => {
  it("takes what the schedule has", () => {
    expect(() => checkKwargs("polynomial", { power: 2, lr_end: 0 })).not.toThrow();
    expect(() => checkKwargs("linear", {})).not.toThrow();
  });

  it.each<[SchedulerType, object, string]>([
    ["linear", { power: 2 }, "the schedule linear has no power; it has none."],
    ["polynomial", { num_cycles: 2 }, "the schedule polynomial has no num_cycles; it has power and lr_end."],
    ["cosine", { num_cycles: "two" }, 'num_cycles is "two", expected a number of 0 or more.'],
    ["cosine", { num_cycles: -1 }, "num_cycles is -1, expected a number of 0 or more."],
  ])("refuses %s with %j", (type, kwargs, message) => {
    expect(() => checkKwargs(type, kwargs)).toThrow(UsageError);
    expect(() => checkKwargs(type, kwargs)).toThrow(`lrSchedulerKwargs: ${message}`);
  });
});

describe("warmupStepCount", () => {
  it("takes a share below 1, rounded up", () => {
    expect(warmupStepCount(0.1, 100)).toBe(10);
    expect(warmupStepCount(0.1, 101)).toBe(11);
    expect(warmupStepCount(0.001, 10)).toBe(1);
    expect(warmupStepCount(0, 10)).toBe(0);
  });

  it("takes a number of steps from 1 on, at most all", () => {
    expect(warmupStepCount(1, 100)).toBe(1);
    expect(warmupStepCount(25, 100)).toBe(25);
    expect(warmupStepCount(2.5, 100)).toBe(2);
    expect(warmupStepCount(500, 100)).toBe(100);
  });
});
