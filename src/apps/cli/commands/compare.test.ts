/** `compare`: what it prints of runs, and what it refuses. */
import { expect, it } from "vitest";
import { fakeHost, run } from "../../../../test/cli/fake-host.ts";
import type { RunComparison } from "../library.ts";

const COMPARISON: RunComparison = {
  metric: "f1",
  level: 0.95,
  options: [
    { name: "learningRate", values: [0.0001, 0.00005, undefined] },
    { name: "classWeights", values: [undefined, "balanced", { a: 2 }] },
  ],
  runs: [
    { folder: "m/one", metrics: { accuracy: 0.75, f1: 0.5 } },
    {
      ...{ folder: "m/two", metrics: { accuracy: 0.8, f1: 0.625 } },
      difference: { value: 0.125, low: 0.0625, high: 0.1875 },
    },
    {
      ...{ folder: "m/three", metrics: { accuracy: 0.7, f1: 0.4375 } },
      difference: { value: -0.0625, low: -0.125, high: 0.03125 },
    },
  ],
  notes: ["m/four: no difference to m/one, since it was measured on other rows"],
};
const host = () => fakeHost({ compareRuns: async () => COMPARISON });

it("prints metrics side by side, the chosen one first, differences with their intervals, and options that differ", async () => {
  const { stdout } = await run(["compare", "m/one", "m/two", "m/three"], host());
  expect(stdout).toBe(`             m/one   m/two  m/three
  f1        0.5000  0.6250   0.4375
  accuracy  0.7500  0.8000   0.7000

m/two: f1 +0.1250 against m/one (95 % interval +0.0625 to +0.1875)
m/three: f1 -0.0625 against m/one (95 % interval -0.1250 to +0.0313): it may be chance

m/four: no difference to m/one, since it was measured on other rows

Options that differ:
                 m/one     m/two  m/three
  learningRate  0.0001   0.00005        -
  classWeights       -  balanced  {"a":2}
`);
});

it("gives the same as JSON", async () => {
  const { stdout } = await run(["compare", "a", "b", "--json"], host());
  expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(COMPARISON)));
});

it("says that nothing differs", async () => {
  const same = fakeHost({ compareRuns: async () => ({ ...COMPARISON, options: [], notes: [] }) });
  expect((await run(["compare", "a", "b"], same)).stdout).toContain("All options are the same.\n");
});

it("does not call it chance that two runs have the same metric", async () => {
  const [one, two] = COMPARISON.runs;
  const runs = [one, { ...two, difference: { value: 0, low: -0.1, high: 0.1 } }];
  const { stdout } = await run(
    ["compare", "a", "b"],
    fakeHost({ compareRuns: async () => ({ ...COMPARISON, runs }) }),
  );
  expect(stdout).toContain("f1 +0.0000 against m/one (95 % interval -0.1000 to +0.1000)\n");
});

it("needs folders", async () => {
  const { status, stderr } = await run(["compare"]);
  expect(status).toBe(2);
  expect(stderr).toContain("folders");
});
