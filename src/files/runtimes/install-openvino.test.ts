import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../../../test/helpers/refusal.ts";
import { zip } from "../../../test/helpers/zip.ts";
import type { Run } from "../wheels/pip.ts";
import { type InstallOpenVinoOptions, installOpenVino } from "./install-openvino.ts";
import { findOpenVino, openVinoDamage } from "./openvino.ts";
import type { OpenVinoWheel } from "./openvino-wheels.ts";

const LIBRARY = "pretend library ".repeat(1000);
const ARCHIVE = zip([
  { name: "openvino/__init__.py", content: "raise SystemExit" },
  { name: "openvino/libs/libopenvino_c.so.9", content: LIBRARY },
  { name: "openvino/libs/libother_plugin.so", content: "not needed" },
  { name: "openvino-9.dist-info/licenses/LICENSE", content: "Apache" },
]);
const WHEEL = wheelOf(ARCHIVE);

function wheelOf(archive: Buffer): OpenVinoWheel {
  return {
    requirement: "openvino==9",
    file: "openvino-9-1-cp311-cp311-any_platform.whl",
    tags: { python: "cp311", abi: "cp311", platform: "any_platform" },
    sha256: createHash("sha256").update(archive).digest("hex"),
    size: archive.length,
    files: [
      { entry: "openvino/libs/libopenvino_c.so.9", name: "libopenvino_c.so.9" },
      { entry: "openvino-9.dist-info/licenses/LICENSE", name: "LICENSE" },
    ],
  };
}

let base: string;
let env: Record<string, string | undefined>;
let runtimes: string;
let folder: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "openvino-"));
  env = { XDG_CACHE_HOME: base };
  runtimes = join(base, "bertwright", "runtimes");
  folder = join(runtimes, "openvino-2026.4.1");
});
afterEach(() => rm(base, { recursive: true }));

/** A pip that puts `archive` where it is told to; `calls` gets the commands. */
function pip(archive: Buffer = ARCHIVE, calls: string[] = []): Run {
  return async (command, args) => {
    calls.push([command, ...args].join(" "));
    await writeFile(join(args[args.indexOf("-d") + 1], WHEEL.file), archive);
    return { code: 0, output: "" };
  };
}

const noPip: Run = () => Promise.reject(new Error("pip ran"));
const install = (run: Run, options: InstallOpenVinoOptions = {}) =>
  installOpenVino({ env, wheel: WHEEL, run, ...options });

async function given(content: Buffer | string, name = WHEEL.file): Promise<string> {
  await writeFile(join(base, name), content);
  return join(base, name);
}

describe("installing OpenVINO", () => {
  it("unpacks what is needed and no more, and finds it", async () => {
    const calls: string[] = [];
    const seen: number[] = [];
    expect(await findOpenVino(env)).toBeUndefined();
    const result = await install(pip(ARCHIVE, calls), { onProgress: ({ received }) => seen.push(received) });
    expect(result).toEqual({ folder, version: "2026.4.1", fresh: true });
    expect(await readdir(folder)).toEqual(["LICENSE", "libopenvino_c.so.9", "runtime.json"]);
    expect(await readFile(join(folder, "libopenvino_c.so.9"), "utf8")).toBe(LIBRARY);
    expect(await readdir(runtimes)).toEqual(["openvino-2026.4.1"]);
    expect(await findOpenVino(env)).toEqual({ folder, version: "2026.4.1" });
    expect([seen[0], seen.at(-1)]).toEqual([0, WHEEL.size]);
    expect(calls).toEqual([
      expect.stringMatching(
        /^python3 -m pip download --no-deps --only-binary=:all: --implementation cp --python-version 311 --abi cp311 --platform any_platform .* openvino==9$/,
      ),
    ]);
  });

  it("does nothing where it is there whole", async () => {
    await install(pip());
    expect(await install(noPip)).toEqual({ folder, version: "2026.4.1", fresh: false });
  });

  it("takes a wheel from the disk, and leaves it there", async () => {
    const from = await given(ARCHIVE, "renamed.whl");
    expect(await install(noPip, { from })).toMatchObject({ fresh: true });
    expect(existsSync(from)).toBe(true);
    expect(await readdir(runtimes)).toEqual(["openvino-2026.4.1"]);
  });

  it("may run several times at once", async () => {
    await Promise.all([install(pip()), install(pip()), install(pip())]);
    expect(await readdir(runtimes)).toEqual(["openvino-2026.4.1"]);
    expect(await findOpenVino(env)).toBeDefined();
  });
});

describe("an installation that was interrupted", () => {
  it("goes on with the wheel that came whole", async () => {
    const controller = new AbortController();
    const run: Run = async (...call) => {
      const result = await pip()(...call);
      controller.abort(new Error("stopped by the user"));
      return result;
    };
    await expect(install(run, { signal: controller.signal })).rejects.toThrow("stopped by the user");
    expect(await findOpenVino(env)).toBeUndefined();
    expect(await readdir(runtimes)).toEqual([WHEEL.file]);
    expect(await install(noPip)).toMatchObject({ fresh: true });
    expect(await readdir(runtimes)).toEqual(["openvino-2026.4.1"]);
  });

  it("fetches again what is not the wheel", async () => {
    await mkdir(runtimes, { recursive: true });
    await writeFile(join(runtimes, WHEEL.file), ARCHIVE.subarray(0, 100));
    expect(await install(pip())).toMatchObject({ fresh: true });
  });

  it("removes what a killed process left, not what another process works on", async () => {
    const left = join(runtimes, `.openvino-2026.4.1.${2 ** 30}-0123456789ab.tmp`);
    const alive = join(runtimes, `.openvino-2026.4.1.${process.ppid}-0123456789ab.tmp`);
    for (const work of [left, alive]) await mkdir(join(work, "runtime"), { recursive: true });
    await install(pip());
    expect(await readdir(runtimes)).toEqual([
      expect.stringMatching(/^\.openvino.*tmp$/),
      "openvino-2026.4.1",
    ]);
  });
});

describe("an installed folder that is not whole", () => {
  it.each<[string, () => Promise<void>]>([
    ["has lost a file", () => rm(join(folder, "libopenvino_c.so.9"))],
    ["has a file of another size", () => appendFile(join(folder, "libopenvino_c.so.9"), "x")],
    ["has no manifest", () => rm(join(folder, "runtime.json"))],
    ["has half a manifest", () => writeFile(join(folder, "runtime.json"), '{"name":"openvino",')],
    ["has a manifest of another kind", () => writeFile(join(folder, "runtime.json"), '{"files":[1]}')],
  ])("%s: is not found, and is installed anew", async (_, damage) => {
    await install(pip());
    await damage();
    expect(await findOpenVino(env)).toBeUndefined();
    expect(await openVinoDamage(env)).toMatch(/is (incomplete|damaged or missing)$/);
    expect(await install(pip())).toMatchObject({ fresh: true });
    expect(await findOpenVino(env)).toBeDefined();
    expect(await openVinoDamage(env)).toBeUndefined();
  });

  it("has other bytes of the same size: only a look at the content tells", async () => {
    await install(pip());
    await writeFile(join(folder, "libopenvino_c.so.9"), LIBRARY.replace("p", "q"));
    expect(await findOpenVino(env)).toBeDefined();
    expect(await openVinoDamage(env)).toBe(`${folder}/libopenvino_c.so.9 is damaged or missing`);
    expect(await install(pip())).toMatchObject({ fresh: true });
  });
});

describe("a wheel that cannot be had or used", () => {
  const COMMAND =
    "python3 -m pip download --no-deps --only-binary=:all: --implementation cp --python-version 311 --abi cp311 --platform any_platform openvino==9";

  it("says why pip failed, and how to bring the file from elsewhere", async () => {
    const run: Run = async () => ({ code: 1, output: "ERROR: No matching distribution found\n" });
    expect(await refusal(install(run))).toBe(
      `openvino==9 cannot be downloaded: pip fails: ERROR: No matching distribution found.\nWhere there is a network: ${COMMAND}\nThen give the file with --from ${WHEEL.file}`,
    );
    expect(await refusal(install(async () => undefined))).toContain("pip is not installed");
    env.HF_HUB_OFFLINE = "1";
    expect(await refusal(install(noPip))).toContain("HF_HUB_OFFLINE forbids downloads");
    expect(await readdir(runtimes)).toEqual([]);
  });

  it.each([
    ["a page", Buffer.from("<html>")],
    ["another wheel", zip([{ name: "a", content: "b" }])],
    ["a part", ARCHIVE.subarray(0, -1)],
  ])("keeps nothing where pip brings %s", async (_, archive) => {
    expect(await refusal(install(pip(archive)))).toContain("is not the file that was published");
    expect(await readdir(runtimes)).toEqual([]);
  });

  it.each<[string, string | Buffer, string, string]>([
    ["no zip", "<html>", WHEEL.file, `this is no wheel (no zip archive).\nGet it so: ${COMMAND}`],
    ["empty", "", WHEEL.file, "this is no wheel (no zip archive)."],
    ["cut off", ARCHIVE.subarray(0, 200), WHEEL.file, "the file is cut off: 200 bytes of"],
    [
      "another wheel",
      zip([{ name: "a", content: "b" }]),
      "openvino-8.whl",
      `this is not ${WHEEL.file} as it`,
    ],
    ["changed", Buffer.concat([ARCHIVE, Buffer.from("x")]), WHEEL.file, `this is not ${WHEEL.file} as it`],
  ])("refuses a given file that is %s", async (_, content, name, message) => {
    const from = await given(content, name);
    const text = await refusal(install(noPip, { from }));
    expect(text).toContain(`--from ${from}: ${message}`);
    expect(await readdir(runtimes)).toEqual([]);
  });

  it("refuses a given path where there is nothing, or a folder", async () => {
    expect(await refusal(install(noPip, { from: join(base, "none.whl") }))).toContain("no such file");
    expect(await refusal(install(noPip, { from: base }))).toContain("this is a folder, and a file is needed");
  });

  it("does not unpack an archive that swells beyond the limit", async () => {
    const archive = zip([
      { name: "openvino/libs/libopenvino_c.so.9", content: "x", size: 3_000_000_000 },
      { name: "openvino-9.dist-info/licenses/LICENSE", content: "y" },
    ]);
    const wheel = wheelOf(archive);
    const message = await refusal(install(noPip, { wheel, from: await given(archive) }));
    expect(message).toContain("it would unpack to 3.0 GB; the limit is 1.0 GB");
    expect(await findOpenVino(env)).toBeUndefined();
  });

  it("does not unpack more of an entry than it declares", async () => {
    const archive = zip([
      { name: "openvino/libs/libopenvino_c.so.9", content: LIBRARY, size: 10 },
      { name: "openvino-9.dist-info/licenses/LICENSE", content: "y" },
    ]);
    const wheel = wheelOf(archive);
    const message = await refusal(install(noPip, { wheel, from: await given(archive) }));
    expect(message).toContain("libopenvino_c.so.9 does not match its checksum");
    expect(await readdir(runtimes)).toEqual([]);
  });

  it("asks the disk for room before it fetches anything", async () => {
    const message = await refusal(install(noPip, { wheel: { ...WHEEL, size: 1e18 } }));
    expect(message).toMatch(/openvino-2026\.4\.1: the disk is full: 4000000\.0 TB needed, .* free\.\n/);
  });

  it("says where it may not write", async () => {
    await mkdir(join(base, "bertwright"));
    await writeFile(runtimes, "a file in the way");
    expect(await refusal(install(noPip))).toContain("a part of this path is a file");
  });
});
