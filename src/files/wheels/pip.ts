/** Downloads a wheel through pip, which knows the mirrors, proxies and certificates of this machine. */
import { spawn } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { OnProgress } from "../hub/download.ts";
import type { Environment } from "../hub/environment.ts";
import { Unreachable } from "../hub/http.ts";

export interface ProgramResult {
  /** Exit status; null where a signal ended it. */
  code: number | null;
  /** The last of what it wrote to both streams. */
  output: string;
}

/** Runs a program to its end; undefined where there is no such program. */
export type Run = (
  command: string,
  args: readonly string[],
  options: { env: Environment; signal?: AbortSignal },
) => Promise<ProgramResult | undefined>;

export interface PipOptions {
  env: Environment;
  run: Run;
  onProgress: OnProgress;
  signal?: AbortSignal;
}

/** A wheel by its exact version, its file name and its size in bytes. */
export interface Wheel {
  requirement: string;
  file: string;
  size: number;
  /** For a wheel of one platform, its tags: pip takes it whatever Python and machine pip itself runs on. */
  tags?: { python: string; abi: string; platform: string };
}

/** The ways to start pip, the likeliest first. */
const PIPS = [["python3", "-m", "pip"], ["pip3"], ["pip"], ["python", "-m", "pip"], ["py", "-m", "pip"]];
/** How often the growing file is looked at, in ms. */
const PROGRESS_INTERVAL = 500;
const OUTPUT_KEPT = 10_000;

/** No cache: we keep the files ourselves. */
const FLAGS = [
  ...["--no-cache-dir", "--no-input", "--quiet", "--disable-pip-version-check"],
  ...["--retries", "1", "--timeout", "15"],
];

/** The pip command that makes it choose `wheel`; only wheels: a source package would run code. */
function chooseWheel({ tags }: Wheel): string[] {
  const base = ["download", "--no-deps", "--only-binary=:all:"];
  if (tags === undefined) return base;
  const { python, abi, platform } = tags;
  const version = ["--implementation", python.slice(0, 2), "--python-version", python.slice(2)];
  return [...base, ...version, "--abi", abi, "--platform", platform];
}

/** What a person types to get `wheel` on another machine. */
export function pipCommand(wheel: Wheel): string {
  return ["python3 -m pip", ...chooseWheel(wheel), wheel.requirement].join(" ");
}

/** Downloads `wheel` into `folder`, unchecked. Throws `Unreachable` where pip is missing or fails. */
export async function pipDownload(wheel: Wheel, folder: string, options: PipOptions): Promise<void> {
  const args = [...chooseWheel(wheel), ...FLAGS, "-d", folder, wheel.requirement];
  // pip's unfinished file goes where it can be watched, and is removed with the folder.
  const env = { ...options.env, TMPDIR: folder, TEMP: folder, TMP: folder };
  const stop = watch(wheel, folder, options.onProgress);
  try {
    await runPip(args, { ...options, env });
  } finally {
    stop();
  }
  options.onProgress({ file: wheel.file, received: wheel.size, total: wheel.size });
}

/** Whether there is a pip. */
export async function hasPip(options: Pick<PipOptions, "env" | "run" | "signal">): Promise<boolean> {
  return runPip(["--version"], options).then(
    () => true,
    () => false,
  );
}

async function runPip(
  args: readonly string[],
  { run, env, signal }: Pick<PipOptions, "env" | "run" | "signal">,
): Promise<void> {
  for (const [command, ...first] of PIPS) {
    signal?.throwIfAborted();
    const result = await run(command, [...first, ...args], { env, signal });
    if (result?.code === 0) return;
    if (result && !isMissing(result)) throw new Unreachable(`pip fails: ${lastLine(result.output)}`);
  }
  throw new Unreachable("pip is not installed");
}

/** Python without pip, and the stand-ins of shells, version managers and Windows for a program that is not there. */
function isMissing({ code, output }: ProgramResult): boolean {
  return code === 127 || code === 9009 || /No module named pip|command not found|was not found/.test(output);
}

/** Reports how far the download is, by the size of whatever file pip writes it to. Returns what ends it. */
function watch(wheel: Wheel, folder: string, onProgress: OnProgress): () => void {
  const report = (received: number) => onProgress({ file: wheel.file, received, total: wheel.size });
  let stopped = false;
  const look = async () => {
    const received = await largest(folder, wheel.file);
    if (!stopped) report(received);
  };
  report(0);
  const timer = setInterval(look, PROGRESS_INTERVAL);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}

/** Bytes of the largest file of this name in `folder` and the folders in it; they come and go meanwhile. */
async function largest(folder: string, name: string): Promise<number> {
  const paths = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = paths
    .filter((path) => basename(path) === name)
    .map((path) =>
      stat(join(folder, path)).then(
        ({ size }) => size,
        () => 0,
      ),
    );
  return Math.max(0, ...(await Promise.all(sizes)));
}

function lastLine(text: string): string {
  return text.trim().split("\n").pop()?.slice(0, 200) ?? "";
}

/** `Run` by a child process. */
export const runProgram: Run = (command, args, { env, signal }) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...env }, signal, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString("utf8")).slice(-OUTPUT_KEPT);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (signal?.aborted) reject(signal.reason);
      else if (error.code === "ENOENT") resolve(undefined);
      else reject(error);
    });
    child.on("close", (code) => resolve({ code, output }));
  });
