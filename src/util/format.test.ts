/** Numbers as people read them, at the borders between their forms. */
import { expect, it } from "vitest";
import { formatDuration, formatLoss, formatMetric, formatRate, formatSeconds } from "./format.ts";

it.each([
  [0, "0 s"],
  [59.4, "59 s"],
  [59.6, "1 min"],
  [80, "1 min 20 s"],
  [3599.7, "1 h"],
  [7500, "2 h 5 min"],
])("formats a duration of %d s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));

it.each([
  [0.0213, "0.021 s"],
  [1.84, "1.8 s"],
  [9.94, "9.9 s"],
  [9.96, "10 s"],
])("formats %d s with what matters of it", (seconds, text) => expect(formatSeconds(seconds)).toBe(text));

it.each([
  [0.41234, "0.412"],
  [12.34, "12.3"],
  [0.00004, "4e-5"],
  [0, "0.000"],
  [Number.NaN, "not a number"],
  [Number.POSITIVE_INFINITY, "not a number"],
])("formats a loss of %d", (loss, text) => expect(formatLoss(loss)).toBe(text));

it("formats rates and metrics", () => {
  expect([0, 5e-5, 4.12e-5, 1].map(formatRate)).toEqual(["0", "5e-5", "4.1e-5", "1"]);
  expect([0.5, Number.NaN].map(formatMetric)).toEqual(["0.5000", "undefined"]);
});
