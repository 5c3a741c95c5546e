/** What can be measured: one table, by the name that `--suite` takes. */
import type { Runtime } from "../../node.ts";
import { benchFeatures } from "./features.ts";
import { benchJob } from "./job.ts";
import type { Flags, SuiteName } from "./options.ts";
import type { Attention } from "./peer.ts";
import type { Report } from "./report.ts";
import { benchStartup } from "./startup.ts";
import { STEP_CASES } from "./step-cases.ts";
import { benchSteps } from "./steps.ts";
import { benchTokenizer } from "./tokenizer.ts";

export interface Bench {
  readonly flags: Flags;
  readonly report: Report;
  readonly runtime: Runtime;
}

export interface Suite {
  /** For the help. */
  readonly about: string;
  /** The option that is missing and cannot be done without; undefined where none is. */
  needs?(flags: Flags): string | undefined;
  run(bench: Bench): Promise<void>;
}

const TURNS = 7;
const JOB_TURNS = 3;
const FEATURE_TURNS = 3;
const MILLION = 1_000_000;

export const SUITES: Readonly<Record<SuiteName, Suite>> = {
  steps: {
    about: "a whole training step, by model and length",
    run: ({ flags, report, runtime }) => benchSteps({ ...stepOptions(flags), runtime }, report),
  },
  jobs: {
    about: "whole fine-tunings from the shell: time and peak memory",
    needs: ({ jobArgs }) => (jobArgs === undefined ? "--job-args: the arguments of bertwright" : undefined),
    run: ({ flags: { turns = JOB_TURNS, jobArgs, peerCommand }, report }) =>
      benchJob({ turns, jobArgs: jobArgs!, peerCommand }, report),
  },
  startup: {
    about: "from the command to its first training step",
    run: ({ flags: { turns = TURNS, model }, report }) => benchStartup({ runs: turns, model }, report),
  },
  tokenizer: {
    about: "texts to token ids on one core",
    run: async ({ flags: { turns = TURNS, text }, report }) => benchTokenizer({ turns, text }, report),
  },
  features: {
    about: "a file of texts to what a training reads: time and peak memory",
    run: ({ flags: { turns = FEATURE_TURNS, rows = MILLION, model }, report }) =>
      benchFeatures({ turns, rows, model }, report),
  },
};

function stepOptions(flags: Flags) {
  const { cases = STEP_CASES, attn = "both", peerPrecision = "float32", peerCompile = false } = flags;
  const { turns, stepsPerTurn, threads, peer } = flags;
  const attention: Attention[] = attn === "both" ? ["sdpa", "eager"] : [attn];
  return { cases, turns, stepsPerTurn, threads, peer, peerPrecision, attention, peerCompile };
}
