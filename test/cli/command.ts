/** Runs the real command in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

const BIN = join(import.meta.dirname, "../../bin/bertwright.js");

export interface CommandOptions {
  cwd: string;
  env?: Readonly<Record<string, string>>;
  /** Modules that Node imports first. */
  imports?: readonly string[];
  /** Default 60,000. */
  timeoutMs?: number;
}

export interface Finished {
  /** Null where the time was up. */
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Starts it without a network, without the user's model cache and without an OpenVINO of the machine's. */
export function startCommand(argv: readonly string[], options: CommandOptions): ChildProcess {
  const { cwd, env = {}, imports = [], timeoutMs = 60_000 } = options;
  const flags = imports.flatMap((module) => ["--import", module]);
  return spawn(process.execPath, [...flags, BIN, ...argv], {
    cwd,
    env: {
      PATH: process.env.PATH,
      HF_HUB_OFFLINE: "1",
      HF_HOME: join(cwd, "cache"),
      BERTWRIGHT_OPENVINO: "none",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
}

/** Resolves when it has ended. */
export async function finish(child: ChildProcess): Promise<Finished> {
  let [stdout, stderr] = ["", ""];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("close", resolve).once("error", reject);
  });
  return { status, stdout, stderr };
}

export function runCommand(argv: readonly string[], options: CommandOptions): Promise<Finished> {
  return finish(startCommand(argv, options));
}
