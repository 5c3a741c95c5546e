import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { listRuntimes } from "./list-runtimes.ts";

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), "runtimes-"));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(cache, { recursive: true });
});

async function openVino(env: Record<string, string>) {
  const { runtimes } = await listRuntimes({ env: { XDG_CACHE_HOME: cache, ...env } });
  return runtimes.find(({ name }) => name === "openvino");
}

it("lists ONNX Runtime both ways, with its version and its library", async () => {
  const { platform, runtimes } = await listRuntimes({ env: { XDG_CACHE_HOME: cache } });
  expect(platform).toBe(`${process.platform} ${process.arch}`);
  expect(runtimes.map(({ name }) => name)).toEqual(["onnxruntime", "onnxruntime-binding", "openvino"]);
  for (const status of runtimes.slice(0, 2)) {
    expect(status).toMatchObject({ available: true, precisions: ["float32"] });
    expect(status.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(status.location).toContain("onnxruntime");
  }
});

it("says how to install OpenVINO where it is missing or incomplete", async () => {
  const advice = "Install it: bertwright runtimes install openvino";
  expect(await openVino({})).toMatchObject({ available: false, problem: "not installed", advice });
  const folder = join(cache, "bertwright", "runtimes", "openvino-2026.4.1");
  await mkdir(folder, { recursive: true });
  expect(await openVino({})).toMatchObject({ problem: `${folder} is incomplete`, advice, precisions: [] });
});

it("says where there is no build of OpenVINO, and gives no advice", async () => {
  vi.spyOn(process, "arch", "get").mockReturnValue("s390x");
  const found = await openVino({});
  expect(found?.problem).toBe(`OpenVINO has no build for ${process.platform} s390x`);
  expect(found?.advice).toBeUndefined();
});

it("says why ONNX Runtime cannot be loaded, and goes on to the next", async () => {
  vi.resetModules();
  vi.doMock("koffi", () => ({
    config: () => {
      throw new Error("no binary of koffi for this platform\nlook at …");
    },
  }));
  const fresh = await import("./list-runtimes.ts");
  const { runtimes } = await fresh.listRuntimes({ env: { XDG_CACHE_HOME: cache } });
  vi.doUnmock("koffi");
  expect(runtimes[0]).toMatchObject({ available: false, precisions: [] });
  expect(runtimes[0].problem).toMatch(
    /^the runtime onnxruntime cannot be loaded on .*: no binary of koffi for this platform$/,
  );
  expect(runtimes[0].advice).toMatch(/^Reinstall the package/);
  expect(runtimes[1].available).toBe(true);
});

it("passes on what is wrong with a folder of the user's", async () => {
  expect(await openVino({ BERTWRIGHT_OPENVINO: cache })).toEqual({
    name: "openvino",
    available: false,
    problem: `BERTWRIGHT_OPENVINO=${cache}: OpenVINO's C library is not in this folder`,
    advice: "Give the folder that holds libopenvino_c, or unset the variable.",
    precisions: [],
  });
});
