import { existsSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findOrtLibrary } from "./ort-library.ts";

beforeEach(() => {
  vi.resetModules();
});
afterEach(() => {
  vi.doUnmock("koffi");
  vi.doUnmock("onnxruntime-node");
  vi.restoreAllMocks();
});

/** A fresh module: what it loaded before does not count. */
async function loadRuntime(choice: "auto" | "onnxruntime" | "onnxruntime-binding") {
  const { loadRuntime } = await import("./runtimes.ts");
  return loadRuntime(choice);
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
