import { describe, expect, it } from "vitest";
import { fakeHost, RUNTIMES, run } from "../../../../test/cli/fake-host.ts";
import { InputError } from "../../../util/errors.ts";

const OPENVINO = {
  name: "openvino",
  available: true,
  location: "/libs",
  precisions: ["float32", "bf16"],
} as const;

describe("runtimes", () => {
  it("lists what is there, and what to do where something is missing", async () => {
    const { status, stdout, stderr } = await run(["runtimes"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(
      [
        "On this machine (linux x64; its processor has bf16 instructions):",
        "  onnxruntime: 1.30.0, float32",
        "    /modules/libonnxruntime.so.1",
        "  openvino: not installed",
        "    Install it.",
        "",
      ].join("\n"),
    );
  });

  it("says no more of processor and version than is known", async () => {
    const report = { platform: "darwin arm64", runtimes: [OPENVINO] };
    const { stdout } = await run(["runtimes"], fakeHost({ listRuntimes: async () => report }));
    expect(stdout).toBe("On this machine (darwin arm64):\n  openvino: float32 and bf16\n    /libs\n");
  });

  it("says how fast bf16 is here", async () => {
    const report = { platform: "linux x64", runtimes: [{ ...OPENVINO, bf16Speed: 0.52 }] };
    const { stdout } = await run(["runtimes"], fakeHost({ listRuntimes: async () => report }));
    expect(stdout).toContain("  openvino: float32 and bf16 (0.52 times as fast)\n");
  });

  it("prints one JSON object", async () => {
    const { stdout } = await run(["runtimes", "--json"]);
    expect(JSON.parse(stdout)).toEqual(RUNTIMES);
  });
});

describe("runtimes install", () => {
  it("shows the download, and says where the library is", async () => {
    const { status, stdout, stderr, calls } = await run(["runtimes", "install", "openvino"]);
    expect([status, stdout]).toEqual([0, "OpenVINO 2026.4.1 is installed: /cache/openvino\n"]);
    expect(stderr).toBe("Downloading openvino.whl: 10.0 of 40.0 MB (25 %)\n");
    expect(calls.installOpenVino[0]?.from).toBeUndefined();
  });

  it("hands on the wheel and the signal", async () => {
    const { calls, host, stderr } = await run([
      "runtimes",
      "install",
      "openvino",
      "--from",
      "w.whl",
      "--progress",
      "none",
    ]);
    expect(calls.installOpenVino[0]).toMatchObject({ from: "w.whl", signal: host.controller.signal });
    expect(stderr).toBe("");
  });

  it("tells one that is there already", async () => {
    const host = fakeHost({ installOpenVino: async () => ({ folder: "/f", version: "1", fresh: false }) });
    expect((await run(["runtimes", "install", "openvino"], host)).stdout).toBe(
      "OpenVINO 1 is there already: /f\n",
    );
  });

  it("fails with the library's message, as JSON where progress is JSON", async () => {
    const host = () =>
      fakeHost({ installOpenVino: () => Promise.reject(new InputError("no pip.\nInstall pip.")) });
    const words = ["runtimes", "install", "openvino"];
    expect(await run(words, host())).toMatchObject({ status: 1, stderr: "Error: no pip.\nInstall pip.\n" });
    const { stderr } = await run([...words, "--progress", "json"], host());
    expect(JSON.parse(stderr)).toEqual({ type: "error", message: "no pip.\nInstall pip." });
  });
});
