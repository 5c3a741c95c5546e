import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Machine, thisMachine, whyNoBuild, whyNoOpenVino } from "./why-no-openvino.ts";

describe("whyNoOpenVino", () => {
  let cache: string;
  const why = (env: object = {}) => whyNoOpenVino({ XDG_CACHE_HOME: cache, ...env });
  beforeEach(async () => {
    cache = await mkdtemp(join(tmpdir(), "openvino-"));
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await rm(cache, { recursive: true });
  });

  it("advises to install what is missing or incomplete", async () => {
    const advice = "Install it: bertwright runtimes install openvino";
    expect(await why()).toEqual({ problem: "not installed", advice });
    const folder = join(cache, "bertwright", "runtimes", "openvino-2026.4.1");
    await mkdir(folder, { recursive: true });
    expect(await why()).toEqual({ problem: `${folder} is incomplete`, advice });
  });

  it("advises nothing where there is no build", async () => {
    vi.spyOn(process, "arch", "get").mockReturnValue("s390x");
    expect(await why()).toEqual({ problem: `OpenVINO has no build for ${process.platform} s390x` });
  });

  it("names the variable that turns it off", async () => {
    expect(await why({ BERTWRIGHT_OPENVINO: "none" })).toEqual({
      problem: "BERTWRIGHT_OPENVINO=none turns it off",
      advice: "Unset it.",
    });
  });
});

describe("whyNoBuild", () => {
  it.each<[Machine, string | undefined]>([
    [{ platform: "linux", arch: "x64", glibc: "2.28" }, undefined],
    [{ platform: "linux", arch: "arm64", glibc: "2.35" }, undefined],
    [{ platform: "linux", arch: "arm64", glibc: "3.1" }, undefined],
    [{ platform: "darwin", arch: "arm64" }, undefined],
    [{ platform: "win32", arch: "x64" }, undefined],
    [{ platform: "darwin", arch: "x64" }, "OpenVINO has no build for darwin x64"],
    [{ platform: "linux", arch: "ppc64", glibc: "2.40" }, "OpenVINO has no build for linux ppc64"],
    [{ platform: "linux", arch: "x64" }, "OpenVINO needs glibc, and this system has another C library"],
    [
      { platform: "linux", arch: "arm64", glibc: "2.9" },
      "OpenVINO needs glibc 2.35 or newer, and this system has 2.9",
    ],
  ])("%j", (machine, reason) => expect(whyNoBuild(machine)).toBe(reason));

  it("knows this machine's C library", () => {
    const { platform, glibc } = thisMachine();
    if (platform === "linux") expect(glibc ?? "").toMatch(/^(\d+\.\d+)?$/);
    else expect(glibc).toBeUndefined();
  });
});
