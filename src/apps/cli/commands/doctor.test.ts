import { describe, expect, it } from "vitest";
import { fakeHost, MACHINE, run } from "../../../../test/cli/fake-host.ts";
import type { MachineReport } from "../library.ts";

const doctor = (changes: Partial<MachineReport>, ...flags: string[]) =>
  run(["doctor", ...flags], fakeHost({ examineMachine: async () => ({ ...MACHINE, ...changes }) }));

describe("doctor", () => {
  it("says what there is, and that training works", async () => {
    const { status, stdout, stderr } = await doctor({});
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(
      [
        "Node         20.20.2, linux x64",
        "Processor    A Processor, 2 threads, bf16 instructions",
        "Memory       8.0 GB, a limit; the machine has 25.3 GB",
        "Kernels      work",
        "Cache        /cache, 5.0 GB free",
        "This folder  /work, 4.0 GB free",
        "Models       owner/model (the default): in the cache, owner/half (incomplete)",
        "Hub          https://hub.test (HF_ENDPOINT): answers; HF_TOKEN is set",
        "Runtimes",
        "  onnxruntime: 1.30.0, float32",
        "    /modules/libonnxruntime.so.1",
        "  openvino: not installed",
        "    Install it.",
        "",
        "Training works on this machine.",
        "",
      ].join("\n"),
    );
  });

  it("fails where training would not work, with what to do", async () => {
    const problems = [
      { what: "no model", advice: "Run bertwright runtimes.", blocks: true },
      { what: "the Hub is silent", advice: "Give a folder.", blocks: false },
    ];
    const { status, stdout } = await doctor({ ok: false, problems });
    expect(status).toBe(1);
    expect(stdout.split("\n").slice(-6).join("\n")).toBe(
      "Problem: no model\n  Run bertwright runtimes.\nNote: the Hub is silent\n  Give a folder.\n" +
        "Training does not work on this machine yet.\n",
    );
  });

  it("says no more than is known", async () => {
    const { stdout } = await doctor({
      processor: { threads: 1 },
      memory: { machine: 4e9, limit: 4e9 },
      here: { folder: "/locked", writable: false },
      models: [],
      defaultModel: { name: "owner/model" },
      hub: { ...MACHINE.hub, mirror: false, token: false, reachable: false, problem: "no answer" },
      kernelProblem: "no SIMD",
    });
    for (const line of [
      "Processor    1 thread\n",
      "Memory       4.0 GB\n",
      "Kernels      no SIMD\n",
      "This folder  /locked, cannot be written\n",
      "Models       owner/model (the default): nowhere\n",
      "Hub          https://hub.test: no answer; HF_TOKEN is not set\n",
    ]) {
      expect(stdout).toContain(line);
    }
  });

  it("prints one JSON object, with the same exit status", async () => {
    const { status, stdout } = await doctor({ ok: false }, "--json");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ ...MACHINE, ok: false });
  });
});
