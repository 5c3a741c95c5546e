import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { noNetwork, noPip, useCaches } from "../../../test/helpers/caches.ts";
import { fakeHub, MODEL_FILES } from "../../../test/helpers/hub.ts";
import { DEFAULT_MODEL } from "../../files/hub/model-name.ts";
import { type ExamineOptions, examineMachine } from "./examine.ts";

const caches = useCaches();
const WHOLE = ["config.json", "model.safetensors", "vocab.txt"];

const examine = (options: ExamineOptions = {}) =>
  examineMachine({ env: caches.env, fetch: noNetwork, run: noPip, ...options });

describe("a look at the machine", () => {
  it("finds what this one has, and leaves nothing behind", async () => {
    await caches.fill(WHOLE, DEFAULT_MODEL);
    await caches.fill(["config.json"], "owner/half");
    const before = await readdir(caches.base, { recursive: true });
    const report = await examine();
    expect(await readdir(caches.base, { recursive: true })).toEqual(before);
    expect(report).toMatchObject({
      ok: true,
      node: process.versions.node,
      platform: `${process.platform} ${process.arch}`,
      here: { folder: process.cwd(), writable: true },
      models: [
        { name: "owner/half", complete: false },
        { name: DEFAULT_MODEL, complete: true },
      ],
      defaultModel: { from: "cache" },
      hub: { reachable: false },
    });
    expect(report.kernelProblem).toBeUndefined();
    expect(report.processor.threads).toBeGreaterThan(0);
    expect(report.memory.limit).toBeLessThanOrEqual(report.memory.machine);
    expect(report.runtimes.map(({ name }) => name)).toContain("onnxruntime");
    expect(report.problems).toMatchObject([{ blocks: false }]);
  });

  it("finds where the default model would come from", async () => {
    const hub = fakeHub({ [DEFAULT_MODEL]: MODEL_FILES });
    const from = async (options: ExamineOptions) => (await examine(options)).defaultModel.from;
    expect(await from({ fetch: hub.fetch })).toBe("hub");
    expect(await from({ run: async () => ({ code: 0, output: "pip 24.0" }) })).toBe("pip");
    const nowhere = await examine();
    expect(nowhere.defaultModel.from).toBeUndefined();
    expect(nowhere).toMatchObject({ ok: false, problems: [{ blocks: true }] });
    const env = { ...caches.env, HF_HUB_OFFLINE: "1" };
    expect(await from({ env, run: async () => ({ code: 0, output: "" }) })).toBeUndefined();
  });

  it("finds WebAssembly that does not work", async () => {
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class {
      constructor() {
        throw new Error("WebAssembly is off");
      }
    } as unknown as typeof Memory;
    const report = await examine().finally(() => {
      WebAssembly.Memory = Memory;
    });
    expect(report.ok).toBe(false);
    expect(report.kernelProblem).toContain("not enough memory");
  });
});
