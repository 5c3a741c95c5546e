/**
 * A program from start to end, or to a limit: wall time, lines as they come, and peak memory by asking the kernel now and
 * then.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";

export interface Finished {
  readonly status: number | null;
  readonly seconds: number;
  /** Largest resident set of any one process of it, in 10^6 bytes; undefined where there is no /proc. */
  readonly peakMemoryMb?: number;
  readonly stdout: string;
  /** The end of it. */
  readonly stderr: string;
  /** Whether it was stopped since it took longer than `limitSeconds`. */
  readonly timedOut: boolean;
}

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

export interface RunOptions {
  /** Gets the lines of its stderr with the seconds since its start, and may stop it. */
  onErrorLine?: (line: string, seconds: number, stop: () => void) => void;
  /** After so long it is stopped; default, and beyond the 24 days that a timer can count: never. */
  limitSeconds?: number;
}

const POLL_MS = 50;
const KEPT_CHARACTERS = 100_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Rejects where the program cannot be started. Who is stopped gets SIGKILL, on Linux with all that it has started, and its
 * streams are read no further.
 */
export async function runProgram(
  { file, args }: Program,
  { onErrorLine, limitSeconds = Number.POSITIVE_INFINITY }: RunOptions = {},
): Promise<Finished> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout = (stdout + text).slice(-KEPT_CHARACTERS);
  });
  let timedOut = false;
  const stop = () => stopTree(child);
  createInterface({ input: child.stderr }).on("line", (line) => {
    onErrorLine?.(line, seconds(), stop);
    stderr = `${stderr}${line}\n`.slice(-KEPT_CHARACTERS);
  });
  const memory = watchMemory(child);
  const timeOut = () => {
    timedOut = true;
    stop();
  };
  const limitMs = limitSeconds * 1000;
  const timer = limitMs <= LONGEST_TIMER_MS && setTimeout(timeOut, limitMs);
  try {
    const ended = await new Promise<{ status: number | null; seconds: number }>((resolve, reject) => {
      let time = 0;
      child.on("error", reject);
      child.on("exit", () => {
        time = seconds();
        if (timer) clearTimeout(timer);
      });
      child.on("close", (status) => resolve({ status, seconds: time }));
    });
    return { ...ended, peakMemoryMb: memory.peakMb(), stdout, stderr, timedOut };
  } finally {
    if (timer) clearTimeout(timer);
    memory.stop();
  }
}

/** A line for a POSIX shell. */
export function shellProgram(line: string): Program {
  return { file: "/bin/sh", args: ["-c", line] };
}

function watchMemory(child: ChildProcess): { peakMb(): number | undefined; stop(): void } {
  let peakBytes = 0;
  const timer = setInterval(() => {
    if (child.pid !== undefined) peakBytes = Math.max(peakBytes, peakOfTree(child.pid));
  }, POLL_MS);
  return {
    peakMb: () => (peakBytes > 0 ? peakBytes / 1e6 : undefined),
    stop: () => clearInterval(timer),
  };
}

/** The largest peak (VmHWM) among a process and its descendants, in bytes; 0 where the system does not tell. */
function peakOfTree(pid: number): number {
  try {
    const own = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
    return Math.max(1024 * Number(own), ...childrenOf(pid).map(peakOfTree));
  } catch {
    return 0; // it has just ended, or this is no Linux
  }
}

/** What a shell has started would outlive it, and hold its streams open where it cannot be found. */
function stopTree(child: ChildProcess): void {
  const descendants = child.pid === undefined ? [] : descendantsOf(child.pid);
  child.kill("SIGKILL");
  for (const pid of descendants) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended with the one that started it.
    }
  }
  for (const stream of [child.stdout, child.stderr]) stream?.destroy();
}

/** None where there is no /proc. */
function descendantsOf(pid: number): number[] {
  try {
    return childrenOf(pid).flatMap((one) => [one, ...descendantsOf(one)]);
  } catch {
    return [];
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => childrenOfThread(pid, thread));
}

function childrenOfThread(pid: number, thread: string): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8");
    return text.split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return []; // it has just ended
  }
}
