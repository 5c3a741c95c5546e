import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findOrtLibrary } from "./ort-library.ts";
import type { RuntimeChoice, RuntimeOptions } from "./runtimes.ts";

beforeEach(() => {
  vi.resetModules();
});
afterEach(() => {
  vi.doUnmock("koffi");
  vi.doUnmock("onnxruntime-node");
  vi.restoreAllMocks();
});

/** A fresh module: what it loaded before does not count. */
async function loadRuntime(choice: RuntimeChoice, options?: RuntimeOptions) {
  const { loadRuntime } = await import("./runtimes.ts");
  return loadRuntime(choice, options);
}

function withoutKoffi(): void {
  vi.doMock("koffi", () => ({
    config: () => {
      throw new Error("no binary of koffi for this platform\nlook at …");
    },
  }));
}

describe("loadRuntime", () => {
  it("takes the C API where it can be loaded", async () => {
    const runtime = await loadRuntime("auto");
    expect(runtime.name).toBe("onnxruntime");
    expect(runtime.fallbackReason).toBeUndefined();
  });

  it("falls back to the binding, and keeps the reason in one line", async () => {
    withoutKoffi();
    const runtime = await loadRuntime("auto");
    expect(runtime.name).toBe("onnxruntime-binding");
    expect(runtime.fallbackReason).toBe("no binary of koffi for this platform");
  });

  it("does not fall back from a choice", async () => {
    withoutKoffi();
    const { InputError } = await import("../../util/errors.ts");
    const failure = loadRuntime("onnxruntime");
    await expect(failure).rejects.toBeInstanceOf(InputError);
    await expect(failure).rejects.toThrow(
      /^the runtime onnxruntime cannot be loaded on .*: no binary of koffi/,
    );
  });

  it("says so where nothing can be loaded", async () => {
    withoutKoffi();
    vi.doMock("onnxruntime-node", () => {
      throw new Error("not installed");
    });
    await expect(loadRuntime("auto")).rejects.toThrow(/^the runtime onnxruntime-binding cannot be loaded/);
  });

  it("keeps off koffi where another user of it has set small stacks", async () => {
    vi.doMock("koffi", () => ({
      config: (change?: object) => {
        if (change) throw new Error("Cannot change the configuration after a library is loaded");
        return { async_stack_size: 131_072 };
      },
    }));
    const runtime = await loadRuntime("auto");
    expect(runtime.name).toBe("onnxruntime-binding");
    expect(runtime.fallbackReason).toBe("koffi is in use already, with stacks of 131072 bytes");
  });
});

describe("openvino", () => {
  it("says how to install it where it is missing", async () => {
    const failure = loadRuntime("openvino");
    await expect(failure).rejects.toThrow(
      "the runtime openvino is not installed.\nInstall it: bertwright runtimes install openvino",
    );
    const { InputError } = await import("../../util/errors.ts");
    await expect(failure).rejects.toBeInstanceOf(InputError);
  });

  it("is passed over by auto where its folder holds no library, with the reason", async () => {
    const runtime = await loadRuntime("auto", { openVino: import.meta.dirname });
    expect(runtime.name).toBe("onnxruntime");
    expect(runtime.fallbackReason).toBe(`no OpenVINO library in ${import.meta.dirname}`);
  });

  it("does not fall back from a choice", async () => {
    await expect(loadRuntime("openvino", { openVino: import.meta.dirname })).rejects.toThrow(
      /^the runtime openvino cannot be loaded on .*: no OpenVINO library in .*\nInstall it again/,
    );
  });
});

describe("precision", () => {
  it("is float32 unless something else is said", async () => {
    const runtime = await loadRuntime("onnxruntime");
    expect([runtime.precision, ...runtime.precisions]).toEqual(["float32", "float32"]);
    expect((await loadRuntime("onnxruntime", { precision: "auto" })).precision).toBe("float32");
  });

  it("bf16 is refused by a runtime without it, and by auto where OpenVINO is missing", async () => {
    await expect(loadRuntime("onnxruntime", { precision: "bf16" })).rejects.toThrow(
      "bf16: the runtime onnxruntime has no bf16 products.\nTake the runtime openvino",
    );
    await expect(loadRuntime("auto", { precision: "bf16" })).rejects.toThrow(
      "the runtime openvino is not installed",
    );
  });

  it("bf16 is refused by sessions of a runtime without it", async () => {
    const { SUBTRACT } = await import("./models.contract.ts");
    for (const name of ["onnxruntime", "onnxruntime-binding"] as const) {
      const { loadOnnxRuntime } = await import("./onnxruntime.ts");
      const { loadOnnxRuntimeBinding } = await import("./onnxruntime-binding.ts");
      const plain = name === "onnxruntime" ? await loadOnnxRuntime() : await loadOnnxRuntimeBinding();
      await expect(plain.createSession(SUBTRACT, { precision: "bf16" })).rejects.toThrow(
        "no matrix products in bf16",
      );
    }
  });
});

describe("findOrtLibrary", () => {
  it("finds the library of this platform", () => {
    expect(existsSync(findOrtLibrary())).toBe(true);
  });

  it.each([
    ["linux", "arm64", /linux.arm64.libonnxruntime\.so\.1$/],
    ["darwin", "arm64", /darwin.arm64.libonnxruntime\.1\.dylib$/],
    ["win32", "x64", /win32.x64.onnxruntime\.dll$/],
  ] as const)("knows its name on %s %s", (platform, arch, path) => {
    vi.spyOn(process, "platform", "get").mockReturnValue(platform);
    vi.spyOn(process, "arch", "get").mockReturnValue(arch);
    expect(findOrtLibrary()).toMatch(path);
  });

  it.each([
    ["freebsd", "x64"],
    ["linux", "s390x"],
  ] as const)("names the platform %s %s that has none", (platform, arch) => {
    vi.spyOn(process, "platform", "get").mockReturnValue(platform);
    vi.spyOn(process, "arch", "get").mockReturnValue(arch);
    expect(findOrtLibrary).toThrow(`onnxruntime-node has no library for ${platform} ${arch}`);
  });
});
