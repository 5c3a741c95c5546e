import { describe, expect, it } from "vitest";
import { addRanges, forecast, limited } from "./forecast.ts";

const job = (work: number, again: number, first = again) => ({ work, first, again });

describe("forecast", () => {
  it("takes the pace of the timed jobs, and a fifth either way where they agree", () => {
    const timing = { jobs: [job(1, 0.5), job(2, 1), job(3, 1.5)], work: 100, shapes: 1 };
    expect(forecast(timing)).toEqual({ low: 40, high: 60 });
    expect(forecast(timing, 3).high).toBeCloseTo(180);
  });

  it("is as wide as the timed jobs differ", () => {
    // 1 s and 3 s for the same work: 2 s on average, half as much either way.
    const timing = { jobs: [job(1, 1), job(1, 3)], work: 10, shapes: 1 };
    expect(forecast(timing)).toEqual({ low: 10, high: 30 });
  });

  it("never goes below nothing", () => {
    const timing = { jobs: [job(1, 0.1), job(1, 0.1), job(1, 10)], work: 10, shapes: 1 };
    expect(forecast(timing).low).toBe(0);
  });

  it("adds what each size takes longer at first, once, however often the jobs are done", () => {
    const timing = { jobs: [job(1, 1, 3), job(1, 1, 2)], work: 10, shapes: 4 };
    const middle = ({ low, high }: { low: number; high: number }) => (low + high) / 2;
    expect(middle(forecast(timing))).toBeCloseTo(10 + 4 * 1.5);
    expect(middle(forecast(timing, 2))).toBeCloseTo(20 + 4 * 1.5);
  });

  it("does not take a first time that was shorter for a gain", () => {
    const timing = { jobs: [job(1, 1, 0.5)], work: 10, shapes: 10 };
    expect(forecast(timing)).toEqual({ low: 8, high: 12 });
  });
});

it("a sum of ranges goes from the sum of the least to that of the most", () => {
  expect(
    addRanges([
      { low: 1, high: 2 },
      { low: 10, high: 20 },
    ]),
  ).toEqual({ low: 11, high: 22 });
  expect(addRanges([])).toEqual({ low: 0, high: 0 });
});

describe("a time limit", () => {
  const last = { low: 1, high: 2 };
  it("leaves what is shorter as it is", () => {
    expect(limited({ low: 10, high: 20 }, 30, last)).toEqual({ low: 10, high: 20 });
  });

  it("cuts what is longer, with an evaluation after it", () => {
    expect(limited({ low: 50, high: 60 }, 30, last)).toEqual({ low: 30, high: 32 });
  });
});
