import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../../../test/helpers/refusal.ts";
import { findOpenVino, openVinoDamage } from "./openvino.ts";
import { openVinoWheel } from "./openvino-wheels.ts";

describe("OpenVINO in a folder of the user's", () => {
  let folder: string;
  const find = () => findOpenVino({ BERTWRIGHT_OPENVINO: folder, XDG_CACHE_HOME: folder });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "openvino-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it.each(["libopenvino_c.so.2641", "libopenvino_c.so", "libopenvino_c.2641.dylib", "openvino_c.dll"])(
    "is taken where it holds %s",
    async (name) => {
      await writeFile(join(folder, name), "");
      expect(await find()).toEqual({ folder });
    },
  );

  it("is refused where it holds other libraries", async () => {
    await writeFile(join(folder, "libopenvino.so.2641"), "");
    await mkdir(join(folder, "libs"));
    expect(await refusal(find())).toBe(
      `BERTWRIGHT_OPENVINO=${folder}: OpenVINO's C library is not in this folder.\nGive the folder that holds libopenvino_c, or unset the variable.`,
    );
  });

  it("is refused where there is no folder", async () => {
    await rm(folder, { recursive: true });
    expect(await refusal(find())).toMatch(/^BERTWRIGHT_OPENVINO=.*: no such file or folder/);
  });

  it("is left alone where the variable is none", async () => {
    const env = { BERTWRIGHT_OPENVINO: "none", XDG_CACHE_HOME: folder };
    await mkdir(join(folder, "bertwright", "runtimes", "openvino-2026.4.1"), { recursive: true });
    expect(await findOpenVino(env)).toBeUndefined();
    expect(await openVinoDamage(env)).toBeUndefined();
  });

  it("does not count where the variable is empty", async () => {
    expect(await findOpenVino({ BERTWRIGHT_OPENVINO: "", XDG_CACHE_HOME: folder })).toBeUndefined();
  });
});

describe("the wheels", () => {
  it.each([
    ["linux", "x64", "libopenvino_intel_cpu_plugin.so"],
    ["linux", "arm64", "libopenvino_arm_cpu_plugin.so"],
    ["darwin", "arm64", "libopenvino_arm_cpu_plugin.so"],
    ["win32", "x64", "openvino_intel_cpu_plugin.dll"],
  ])("for %s %s have the plugin of the processor, licences and a hash", (platform, arch, plugin) => {
    const wheel = openVinoWheel(platform, arch);
    const names = wheel?.files.map(({ name }) => name) ?? [];
    expect(names).toContain(plugin);
    expect(names).toContain("LICENSE");
    expect(new Set(names).size).toBe(names.length);
    expect(wheel?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(wheel?.file).toContain(wheel?.tags?.platform);
  });
});
