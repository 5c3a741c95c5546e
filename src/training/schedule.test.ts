/** The linear schedule against transformers' `get_scheduler`, step by step. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { linearSchedule, warmupStepCount } from "./schedule.ts";

interface Recorded {
  warmup_steps: number;
  total_steps: number;
  schedules: Record<string, { multipliers: number[] }>;
}

const FILE = join(import.meta.dirname, "../../test/fixtures/bert/schedules.json");
const recorded: Recorded = JSON.parse(readFileSync(FILE, "utf8"));

describe("linearSchedule", () => {
  it("is transformers' schedule", () => {
    const { multipliers } = recorded.schedules.linear;
    expect(multipliers.length).toBeGreaterThanOrEqual(recorded.total_steps);
    multipliers.forEach((expected, step) => {
      const actual = linearSchedule(step, recorded.warmup_steps, recorded.total_steps);
      expect(actual, `step ${step}`).toBeCloseTo(expected, 12);
    });
  });

  it("starts at the peak without warm-up", () => {
    expect([0, 1, 2, 3, 4].map((step) => linearSchedule(step, 0, 4))).toEqual([1, 0.75, 0.5, 0.25, 0]);
  });

  it("never falls below 0", () => {
    expect(linearSchedule(11, 2, 10)).toBe(0);
  });

  it("stays finite where all steps are warm-up", () => {
    expect([0, 1, 2, 3, 4].map((step) => linearSchedule(step, 4, 4))).toEqual([0, 0.25, 0.5, 0.75, 0]);
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
