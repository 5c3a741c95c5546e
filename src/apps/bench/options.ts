/** The options of the bench, each with the suites that read it. */
import { type Command, Option } from "commander";
import type { Precision, RuntimeChoice } from "../../internals.ts";
import { nearMiss, UsageError } from "../../util/errors.ts";
import { choiceOption, nameOf, nameOption, numberOption, valueOption } from "../cli/option-kinds.ts";
import { JOB_NAMES, type JobName, PEER_SAMPLING, type PeerSampling } from "./jobs.ts";
import type { Attention } from "./peer.ts";
import { STEP_CASES, type StepCase } from "./step-cases.ts";

export const SUITE_NAMES = [
  "steps",
  "jobs",
  "predict",
  "startup",
  "tokenizer",
  "features",
  "graphs",
  "saves",
  "gradients",
  "profile",
] as const;
export type SuiteName = (typeof SUITE_NAMES)[number];

/** No parts of `all`, which compares speed and memory. */
export const ALONE: ReadonlySet<SuiteName> = new Set(["gradients", "profile"]);

export interface Flags {
  suite?: SuiteName | "all";
  turns?: number;
  json?: string;
  peer?: string;
  peerNode?: string;
  runtime?: RuntimeChoice;
  precision?: Precision | "both";
  threads?: number;
  cases?: readonly StepCase[];
  stepsPerTurn?: number;
  attn?: Attention;
  peerPrecision?: Precision;
  peerSampling?: PeerSampling;
  peerCompile?: boolean;
  model?: string;
  text?: string;
  rows?: number;
  data?: string;
  jobs?: readonly JobName[];
  jobArgs?: string;
  peerCommand?: string;
  peerLimit?: number;
  seed?: number;
}

interface Group {
  /** None: all. */
  readonly suites?: readonly SuiteName[];
  readonly options: readonly Option[];
}

const COUNT = { whole: true, from: 1, to: 10_000 };
const PRECISIONS: readonly Precision[] = ["float32", "bf16"];
const RUNTIMES: readonly RuntimeChoice[] = ["auto", "onnxruntime", "onnxruntime-binding", "openvino"];

/** What is read beside `--job-args`. */
const OF_JOB_ARGS = new Set(["jobArgs", "peerCommand", "peerLimit"]);

const GROUPS: readonly Group[] = [
  {
    options: [
      choiceOption(
        "--suite <name>",
        [...SUITE_NAMES, "all"],
        `${SUITE_NAMES.join(", ")}, all (default: steps)`,
      ),
      numberOption(
        "--turns <n>",
        COUNT,
        "turns of each side (default: 7, fewer where one takes long); gradients: batches; profile: steps",
      ),
      nameOption("--json <file>", "also write one JSON object a line: case, unit, ours, peer, ratio_min, …"),
    ],
  },
  {
    suites: ["steps", "jobs", "predict", "startup", "gradients"],
    options: [nameOption("--peer <python>", "a Python with torch and transformers to compare with")],
  },
  {
    suites: ["steps", "jobs", "predict", "startup", "graphs", "gradients", "profile"],
    options: [choiceOption("--runtime <name>", RUNTIMES, `${RUNTIMES.join(", ")} (default: auto)`)],
  },
  {
    suites: ["steps", "jobs", "predict", "startup", "gradients", "profile"],
    options: [
      choiceOption(
        "--precision <name>",
        [...PRECISIONS, "both"],
        "ours: float32, bf16, both (default: float32)",
      ),
    ],
  },
  {
    suites: ["steps", "jobs", "predict"],
    options: [
      choiceOption("--peer-precision <name>", PRECISIONS, "the peer's; bf16 is autocast (default: ours)"),
    ],
  },
  {
    suites: ["jobs", "predict", "startup", "features", "gradients"],
    options: [nameOption("--model <name>", "folder or name of the model (default: the command's)")],
  },
  {
    suites: ["steps", "profile"],
    options: [listOption("--cases <list>", STEP_CASES, (one) => one.name, "all; profile: minilm-32x128")],
  },
  {
    suites: ["steps", "predict", "profile"],
    options: [
      numberOption("--threads <n>", { whole: true, from: 1, to: 1024 }, "of both sides (default: theirs)"),
    ],
  },
  {
    suites: ["steps"],
    options: [
      numberOption("--steps-per-turn <n>", COUNT, "steps of a turn (default: what takes 1.5 s)"),
      choiceOption("--attn <way>", ["sdpa", "eager"], "the peer's attention (default: the faster one)"),
      new Option("--peer-compile", "also try the peer through torch.compile; the fastest way counts"),
    ],
  },
  {
    suites: ["jobs", "predict", "gradients"],
    options: [
      nameOption(
        "--data <folder>",
        "the public data sets, as bench/data-sets.js has them; predict, gradients: or a file of rows",
      ),
    ],
  },
  {
    suites: ["predict"],
    options: [
      nameOption("--peer-node <folder>", "where @huggingface/transformers is installed, to compare with"),
    ],
  },
  {
    suites: ["jobs"],
    options: [
      listOption("--jobs <list>", JOB_NAMES, (name) => name),
      choiceOption(
        "--peer-sampling <way>",
        PEER_SAMPLING,
        "order of the peer's rows: random, as the Trainer comes, or group_by_length, which pads less (default: random)",
      ),
      nameOption(
        "--peer-command <line>",
        "the peer's line for the shell, with {task}, {data}, {model} and {output} (default: bench/peer_job.py)",
      ),
      numberOption(
        "--peer-limit <n>",
        { from: 1, to: 1000 },
        "a peer that takes longer than n times our longest run is stopped; ratios are lower bounds then (default: never)",
      ),
      nameOption(
        "--job-args <args>",
        "in place of --data: arguments of bertwright; {output} is a fresh folder each time",
      ),
    ],
  },
  {
    suites: ["gradients"],
    options: [
      numberOption(
        "--seed <n>",
        { whole: true, from: 0, to: 2 ** 32 - 1 },
        "of the head that starts fresh, and of the masks (default: 1)",
      ),
    ],
  },
  {
    suites: ["tokenizer"],
    options: [nameOption("--text <file>", "a text file, a row a line (default: made-up sentences)")],
  },
  {
    suites: ["features"],
    options: [numberOption("--rows <n>", { whole: true, from: 10, to: 1e9 }, "rows (default: a million)")],
  },
];

export function addOptions(command: Command): void {
  for (const { suites, options } of GROUPS) {
    const heading = suites === undefined ? "Options:" : `Options of ${suites.join(", ")}:`;
    for (const option of options) command.addOption(option.helpGroup(heading));
  }
}

/** Throws `UsageError` for an option that the suite does not read. */
export function checkSuite(flags: Flags): void {
  const { suite = "steps" } = flags;
  const given = (option: Option) => flags[option.attributeName() as keyof Flags] !== undefined;
  const isRead = (name: SuiteName) => (suite === "all" ? !ALONE.has(name) : name === suite);
  for (const { suites, options } of GROUPS) {
    const wrong = suites?.some(isRead) === false ? options.find(given) : undefined;
    if (wrong) {
      throw new UsageError(`${nameOf(wrong)} is an option of ${suites?.join(", ")}, the suite is ${suite}.`);
    }
  }
  if (suite === "all" || flags.jobArgs === undefined) return;
  const others = GROUPS.filter(({ suites }) => suites?.includes("jobs")).flatMap(({ options }) => options);
  const unread = others.find((option) => given(option) && !OF_JOB_ARGS.has(option.attributeName()));
  if (unread) {
    throw new UsageError(`${nameOf(unread)} and --job-args: the arguments say all; leave one of them out.`);
  }
}

/** Names separated by commas, of `known`; default all. */
function listOption<T>(
  flags: string,
  known: readonly T[],
  nameIn: (one: T) => string,
  standard = "all",
): Option {
  const names = known.map(nameIn);
  const parse = (list: string) =>
    list.split(",").map((text) => {
      const name = text.trim();
      const found = known.find((one) => nameIn(one) === name);
      if (found) return found;
      const near = nearMiss(name, names);
      const advice = near === undefined ? `it is not one of ${names.join(", ")}` : `did you mean ${near}?`;
      throw new Error(`${JSON.stringify(name)}: ${advice}`);
    });
  return valueOption(flags, `of ${names.join(",")} (default: ${standard})`, parse);
}
