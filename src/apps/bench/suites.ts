/** What can be measured: one table, by the name that `--suite` takes. */
import { DEFAULT_MODEL, type LoadedRuntime, resolveModel } from "../../internals.ts";
import { benchFeatures } from "./features.ts";
import { benchGradients } from "./gradients.ts";
import { benchGraphs } from "./graphs.ts";
import { benchJobs, dataSetJob, JOB_NAMES, ownJob } from "./jobs.ts";
import type { Flags, SuiteName } from "./options.ts";
import type { Attention } from "./peer.ts";
import { benchPredict } from "./predict.ts";
import { isFolder } from "./predict-cases.ts";
import { benchProfile } from "./profile.ts";
import type { Report } from "./report.ts";
import { benchSaves } from "./saves.ts";
import { benchStartup } from "./startup.ts";
import { STEP_CASES } from "./step-cases.ts";
import { benchSteps } from "./steps.ts";
import { benchTokenizer } from "./tokenizer.ts";

export interface Bench {
  readonly flags: Flags;
  readonly report: Report;
  /** One a precision that was asked for. */
  readonly runtimes: readonly LoadedRuntime[];
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
const PREDICT_TURNS = 5;
const SAVE_TURNS = 5;
const GRADIENT_BATCHES = 16;
const PROFILE_CASES = STEP_CASES.filter(({ name }) => name === "minilm-32x128");
const MILLION = 1_000_000;

export const SUITES: Readonly<Record<SuiteName, Suite>> = {
  steps: {
    about: "a whole training step, by model and length",
    run: ({ flags, report, runtimes }) => benchSteps({ ...stepOptions(flags), runtimes }, report),
  },
  jobs: {
    about: "whole fine-tunings from the shell: time and peak memory",
    needs: ({ data, jobArgs }) =>
      data === undefined && jobArgs === undefined
        ? "--data FOLDER: the public data sets, or --job-args: arguments of bertwright"
        : undefined,
    run: async ({ flags, report, runtimes }) => {
      const { turns = JOB_TURNS, peerLimit } = flags;
      await benchJobs({ turns, peerLimit, jobs: await jobsOf(flags, runtimes) }, report);
    },
  },
  predict: {
    about: "rows a second of a fine-tuned model, and the memory of predicting a file",
    needs: ({ data, model, peer, peerNode }) => {
      if (data === undefined) return "--data FOLDER: the public data sets, or a file";
      if (peerNode !== undefined && peer === undefined)
        return "--peer, which exports the model for --peer-node";
      return isFolder(data) || model !== undefined
        ? undefined
        : "--model FOLDER: what train wrote, for a file";
    },
    run: ({ flags: { data = "", turns = PREDICT_TURNS, ...flags }, report, runtimes }) =>
      benchPredict({ ...flags, data, turns, runtimes }, report),
  },
  startup: {
    about: "from the command to its first training step",
    run: async ({ flags: { turns = TURNS, model, peer }, report, runtimes }) => {
      for (const runtime of runtimes) await benchStartup({ turns, runtime, model, peer }, report);
    },
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
  graphs: {
    about: "the graph of a training step: model, gradients, ONNX bytes",
    run: async ({ flags: { turns = TURNS }, report, runtimes: [runtime] }) =>
      benchGraphs({ turns, runtime }, report),
  },
  saves: {
    about: "a checkpoint on the disk, against a plain write of as many bytes",
    run: ({ flags: { turns = SAVE_TURNS }, report, runtimes: [runtime] }) =>
      benchSaves({ turns, runtime }, report),
  },
  gradients: {
    about: "how far gradients in bf16 lie from float32's",
    needs: ({ data }) => (data === undefined ? "--data FOLDER: the public data sets, or a file" : undefined),
    run: ({ flags: { data = "", turns = GRADIENT_BATCHES, model, seed, peer }, report, runtimes }) =>
      benchGradients({ runtimes, data, turns, model, seed, peer }, report),
  },
  profile: {
    about: "where the time of a step goes, by operator",
    run: async ({ flags: { cases = PROFILE_CASES, turns = TURNS, threads }, report, runtimes }) => {
      for (const runtime of runtimes) {
        report.note(`${runtime.name}, ${runtime.precision}:`);
        await benchProfile({ cases, steps: turns, threads, runtime }, report);
      }
    },
  },
};

function stepOptions(flags: Flags) {
  const { cases = STEP_CASES, attn, peerPrecision, peerCompile = false } = flags;
  const { turns, stepsPerTurn, threads, peer } = flags;
  const attention: Attention[] = attn === undefined ? ["sdpa", "eager"] : [attn];
  return { cases, turns, stepsPerTurn, threads, peer, peerPrecision, attention, peerCompile };
}

async function jobsOf(flags: Flags, runtimes: readonly LoadedRuntime[]) {
  const {
    data,
    jobs = JOB_NAMES,
    jobArgs,
    peer,
    peerPrecision,
    peerSampling = "random",
    peerCommand,
  } = flags;
  if (data === undefined) return [ownJob(jobArgs!, peerCommand)];
  const { folder: model } = await resolveModel(flags.model ?? DEFAULT_MODEL);
  return runtimes.flatMap(({ name: runtime, precision }) => {
    const options = { data, model, runtime, precision, peer, peerSampling, peerCommand };
    return jobs.map((name) => dataSetJob(name, { ...options, peerPrecision: peerPrecision ?? precision }));
  });
}
