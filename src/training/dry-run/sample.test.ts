import { describe, expect, it } from "vitest";
import { Features } from "../../tasks/features.ts";
import type { Run } from "../prepare.ts";
import { EXACT } from "../rounding.ts";
import { longestRows, sampleJobs, sampleSteps } from "./sample.ts";

function featuresOf(lengths: readonly number[]): Features {
  const features = new Features(100);
  for (const length of lengths) features.add(new Uint32Array(length), length);
  return features;
}

const tokens = ({ T }: { T: number }) => T;
const alone = (rows: number) => Array.from({ length: rows }, (_, row) => [Uint32Array.of(row)]);

describe("a sample", () => {
  it("has the job in the middle of each third by work, and the work of all", () => {
    const { jobs, work } = sampleJobs(featuresOf([9, 1, 5, 2, 8, 3, 7, 4, 6]), alone(9), tokens, EXACT);
    expect(jobs.map((job) => job.work)).toEqual([2, 5, 8]);
    expect(jobs.map(({ micro }) => micro[0][0])).toEqual([3, 2, 4]);
    expect(work).toBe(45);
  });

  it("has each of a few jobs once", () => {
    expect(sampleJobs(featuresOf([4]), alone(1), tokens, EXACT).jobs).toHaveLength(1);
    expect(sampleJobs(featuresOf([4, 5]), alone(2), tokens, EXACT).jobs).toHaveLength(2);
  });

  it("counts different sizes, as the runtime meets them", () => {
    const features = featuresOf([3, 5, 5, 17]);
    expect(sampleJobs(features, alone(4), tokens, EXACT).shapes).toBe(3);
    expect(sampleJobs(features, alone(4), tokens, { S: 8, T: 64, G: 2 }).shapes).toBe(2);
  });

  it("adds up the work of a step's micro-batches", () => {
    const micro = [[Uint32Array.of(0, 1), Uint32Array.of(2)]];
    expect(sampleJobs(featuresOf([1, 2, 3]), micro, tokens, EXACT)).toMatchObject({ work: 6, shapes: 2 });
  });
});

describe("the steps of a run", () => {
  const run = (changes: Partial<Run>) =>
    ({
      train: featuresOf([1, 2, 3, 4, 5]),
      batchSize: 2,
      accumulation: 1,
      seed: 1,
      totalSteps: 3,
      ...changes,
    }) as Run;

  it("are all of its rows in an epoch", () => {
    expect(sampleSteps(run({}), tokens, EXACT).work).toBe(15);
    expect(sampleSteps(run({ accumulation: 2, totalSteps: 2 }), tokens, EXACT).work).toBe(15);
    expect(sampleSteps(run({ groupByLength: true }), tokens, EXACT).work).toBe(15);
  });

  it("of a long run are counted from as many as show how they are", () => {
    const { work } = sampleSteps(run({ batchSize: 5, totalSteps: 1_000_000 }), tokens, EXACT);
    expect(work).toBe(15_000_000);
  });
});

it("the longest rows come first, no more than there are", () => {
  const features = featuresOf([2, 9, 4, 9]);
  expect([...longestRows(features, 3)]).toEqual([1, 3, 2]);
  expect(longestRows(features, 10)).toHaveLength(4);
});
