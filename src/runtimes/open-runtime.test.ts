import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { refusal } from "../../test/helpers/refusal.ts";
import { openRuntime } from "./open-runtime.ts";

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "runtimes-"));
  vi.stubEnv("BERTWRIGHT_OPENVINO", "");
  vi.stubEnv("XDG_CACHE_HOME", cache);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(cache, { recursive: true });
});

describe("without OpenVINO", () => {
  it.each([undefined, "float32", "auto"] as const)(
    "auto is ONNX Runtime in float32, precision %s",
    async (precision) => {
      expect(await openRuntime({ precision })).toMatchObject({ name: "onnxruntime", precision: "float32" });
    },
  );

  it("takes the runtime that is asked for", async () => {
    expect((await openRuntime({ runtime: "onnxruntime-binding" })).name).toBe("onnxruntime-binding");
  });

  it("says how to install it where it is asked for, by name or by bf16", async () => {
    const advice = "Install it: bertwright runtimes install openvino";
    expect(await refusal(openRuntime({ runtime: "openvino" }))).toBe(
      `--runtime openvino: not installed.\n${advice}`,
    );
    expect(await refusal(openRuntime({ precision: "bf16" }))).toBe(
      `--precision bf16 needs the runtime openvino: not installed.\n${advice}`,
    );
  });

  it("says so where there is no build, with nothing to do", async () => {
    vi.spyOn(process, "arch", "get").mockReturnValue("s390x");
    expect(await refusal(openRuntime({ runtime: "openvino" }))).toBe(
      `--runtime openvino: OpenVINO has no build for ${process.platform} s390x.`,
    );
  });

  it("does not take a folder that is none for a missing one", async () => {
    vi.stubEnv("BERTWRIGHT_OPENVINO", cache);
    expect(await refusal(openRuntime({}))).toContain("OpenVINO's C library is not in this folder");
  });
});

describe("a runtime that is not the first choice", () => {
  it("is told with the reason, and the first choice is not", async () => {
    const library = join(cache, "libopenvino_c.so");
    await writeFile(library, "no library");
    vi.stubEnv("BERTWRIGHT_OPENVINO", cache);
    expect((await openRuntime({})).warnings).toEqual([
      expect.stringMatching(/^onnxruntime runs in place of the first choice: ./),
    ]);
    expect((await openRuntime({ runtime: "onnxruntime" })).warnings).toEqual([]);
  });
});
