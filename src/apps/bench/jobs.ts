/**
 * `--suite jobs`: a whole `bertwright train` from the shell, and the peer's command, in turns: wall time, peak memory.
 * The jobs are three public data sets, or one command that the user gives.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Precision } from "../../internals.ts";
import { InputError } from "../../util/errors.ts";
import { shellLine, shellWord } from "../../util/shell-words.ts";
import { caseName } from "./case-name.ts";
import { COMMAND } from "./command-file.ts";
import { peerScript } from "./peer-script.ts";
import { type Finished, runProgram, shellProgram } from "./process.ts";
import type { Report } from "./report.ts";
import { compare, takeTurns } from "./statistics.ts";

/** Arguments of `bertwright train` for a data set, which lies as bench/data-sets.js has it. */
const JOBS = {
  cola: (data: string) => [
    ...[
      "--train",
      join(data, "cola/in_domain_train.tsv"),
      "--validation",
      join(data, "cola/in_domain_dev.tsv"),
    ],
    ...["--no-header", "--text-column", "4", "--label-column", "2", "--epochs", "3"],
    ...["--metric-for-best-model", "matthews_correlation"],
  ],
  conll2003: (data: string) => [
    ...["--task", "token-classification", "--epochs", "3"],
    ...["--train", join(data, "conll2003/eng.train"), "--validation", join(data, "conll2003/eng.testa")],
  ],
  squad_v1: (data: string) => [
    ...["--task", "question-answering", "--epochs", "2"],
    ...["--train", join(data, "squad_v1/train.json"), "--validation", join(data, "squad_v1/dev.json")],
  ],
} as const satisfies Record<string, (data: string) => readonly string[]>;

/** The Trainer's `train_sampling_strategy`, its default first. */
export const PEER_SAMPLING = ["random", "group_by_length"] as const;
export type PeerSampling = (typeof PEER_SAMPLING)[number];

export type JobName = keyof typeof JOBS;
export const JOB_NAMES = Object.keys(JOBS) as JobName[];

/** A job as lines for the shell, in which `{output}` is a fresh folder each time. */
interface Job {
  readonly name: string;
  readonly ours: string;
  readonly peer?: string;
}

export interface JobOptions {
  turns: number;
  jobs: readonly Job[];
  /** A peer that takes longer than so many times the longest of ours so far is stopped; default: none is. */
  peerLimit?: number;
}

/** Arguments of `bertwright` as the user gives them. */
export function ownJob(jobArgs: string, peerCommand?: string): Job {
  return { name: "job", ours: `${bertwright()} ${jobArgs}`, peer: peerCommand };
}

export interface DataSetJobOptions {
  /** Folder of the data sets. */
  data: string;
  /** Folder of the model's files. */
  model: string;
  runtime: string;
  precision: Precision;
  /** A Python with what bench/peer_job.py needs. */
  peer?: string;
  peerPrecision: Precision;
  peerSampling: PeerSampling;
  /** In place of that script a line for the shell, with `{task}`, `{data}`, `{model}` and `{output}`. */
  peerCommand?: string;
}

export function dataSetJob(name: JobName, options: DataSetJobOptions): Job {
  const { data, model, runtime, precision } = options;
  const ours = [
    "train",
    "--model",
    model,
    ...JOBS[name](data),
    "--runtime",
    runtime,
    "--precision",
    precision,
  ];
  const values = { task: name, data, model };
  const peer = (options.peerCommand ?? peerLine(options))?.replace(/\{(task|data|model)\}/g, (_, key) =>
    shellWord(values[key as keyof typeof values]),
  );
  return {
    name: caseName(`job-${name}`, precision),
    ours: `${bertwright()} ${shellLine(ours)} --output {output} --json --progress none`,
    peer,
  };
}

function peerLine({ peer, peerPrecision, peerSampling }: DataSetJobOptions): string | undefined {
  if (peer === undefined) return undefined;
  const script = `${shellLine([peer, peerScript("peer_job.py")])} {task} --data {data} --model {model} --output {output}`;
  return `${script} --precision ${peerPrecision} --sampling ${peerSampling}`;
}

function bertwright(): string {
  return shellLine([process.execPath, COMMAND]);
}

export async function benchJobs({ jobs, ...options }: JobOptions, report: Report): Promise<void> {
  for (const job of jobs) await benchJob(job, options, report);
}

async function benchJob(
  { name, ours, peer }: Job,
  { turns, peerLimit = Number.POSITIVE_INFINITY }: Omit<JobOptions, "jobs">,
  report: Report,
): Promise<void> {
  const runs: { ours: Finished[]; peer: Finished[] } = { ours: [], peer: [] };
  const measure = async (side: keyof typeof runs, line: string, limitSeconds?: number) => {
    const finished = await runJob(line, limitSeconds);
    runs[side].push(finished);
    report.note(`  ${name} ${side}: ${figuresOf(finished)}`);
    return finished.seconds;
  };
  const longest = () => Math.max(...runs.ours.map(({ seconds }) => seconds));
  const [our, their] = await takeTurns(turns, [
    () => measure("ours", ours),
    ...(peer === undefined ? [] : [() => measure("peer", peer, peerLimit * longest())]),
  ]);
  const stops = runs.peer.filter(({ timedOut }) => timedOut).length;
  const bound =
    stops > 0 ? `; the peer was stopped in ${stops} of ${turns} turns: ratios are lower bounds` : "";
  report.add(compare(name, "s", our, their), `${turns} turns, start to finish${bound}`);
  const [ourMb, theirMb] = [runs.ours, runs.peer].map((side) => side.map(peakOf));
  if ([...ourMb, ...theirMb].some(Number.isNaN)) return;
  const memory = compare(`${name}-memory`, "MB", ourMb, peer === undefined ? undefined : theirMb);
  report.add(memory, `peak of the largest process${bound}`);
}

const peakOf = ({ peakMemoryMb = Number.NaN }: Finished) => peakMemoryMb;

function figuresOf(finished: Finished): string {
  const end = finished.timedOut ? ["stopped before its end"] : scoresOf(finished.stdout);
  return [`${finished.seconds.toFixed(1)} s`, `${peakOf(finished).toFixed(0)} MB`, ...end].join(", ");
}

/** Runs the line to its end or the limit; a peak that the program itself has printed counts where it is larger. */
async function runJob(template: string, limitSeconds?: number): Promise<Finished> {
  const folder = mkdtempSync(join(tmpdir(), "bertwright-bench-"));
  try {
    const line = template.replaceAll("{output}", shellWord(join(folder, "output")));
    const finished = await runProgram(shellProgram(line), { limitSeconds });
    if (finished.status !== 0 && !finished.timedOut) {
      const last = finished.stderr.trim().split("\n").slice(-2).join("\n");
      throw new InputError(`exit status ${finished.status}: ${line}\n${last}`);
    }
    const own = Number(/"peak_memory_mb":\s*([\d.]+)/.exec(finished.stdout)?.[1] ?? 0);
    const peak = Math.max(own, finished.peakMemoryMb ?? 0);
    return { ...finished, peakMemoryMb: peak > 0 ? peak : undefined };
  } finally {
    // One that was stopped may be writing still.
    rmSync(folder, { recursive: true, force: true, maxRetries: 9 });
  }
}

/** The numbers of `"metrics": {…}` in what a program printed: speed counts at equal quality only. */
function scoresOf(stdout: string): string[] {
  const metrics = /"metrics":\s*(\{[^{}]*\})/.exec(stdout)?.[1] ?? "{}";
  return [...metrics.matchAll(/"(\w+)":\s*(-?[\d.e-]+)/g)].map(
    ([, name, value]) => `${name} ${Number(value).toFixed(4)}`,
  );
}
