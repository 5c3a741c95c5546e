/**
 * `--suite predict`: rows a second from texts in memory to predictions, both sides warm and in turns, and the peak
 * memory of the whole command against that of the peer's process.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadedRuntime, Precision } from "../../internals.ts";
import { loadPredictor, type Prediction, type Predictor } from "../../node.ts";
import { InputError } from "../../util/errors.ts";
import { caseName } from "./case-name.ts";
import { COMMAND } from "./command-file.ts";
import { type PredictCase, predictCases } from "./predict-cases.ts";
import { exportModel, nodePeer, type PredictPeer, pythonPeer, WAYS } from "./predict-peer.ts";
import { runProgram } from "./process.ts";
import type { Report } from "./report.ts";
import { compare, takeTurns } from "./statistics.ts";

export interface PredictSuiteOptions {
  turns: number;
  /** One a precision of ours. */
  runtimes: readonly LoadedRuntime[];
  /** Folder of the public data sets, or a file of rows. */
  data: string;
  /** The encoder for data sets, the fine-tuned model for a file. */
  model?: string;
  threads?: number;
  /** A Python with torch and transformers. */
  peer?: string;
  /** A folder with @huggingface/transformers, which predicts in float32 alone; `peer` exports its model. */
  peerNode?: string;
  /** That of `peer`; default ours. */
  peerPrecision?: Precision;
}

export async function benchPredict(options: PredictSuiteOptions, report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bertwright-bench-"));
  try {
    for (const one of await predictCases(options.data, folder, options.model)) {
      for (const runtime of options.runtimes) await benchCase(one, { ...options, runtime, folder }, report);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface CaseOptions extends PredictSuiteOptions {
  runtime: LoadedRuntime;
  /** For files of the bench's own. */
  folder: string;
}

async function benchCase(one: PredictCase, options: CaseOptions, report: Report): Promise<void> {
  const { runtime, threads, turns, folder } = options;
  const { name: library, precision } = runtime;
  const peers = await peersFor(one, options);
  const predictor = await loadPredictor(one.model, { runtime: library, precision, threads });
  try {
    const labels = (await predictAll(predictor, one)).map(labelOf);
    for (const peer of peers) await peer.warmUp();
    const rate = (seconds: number) => one.rows.length / seconds;
    const measured = peers.flatMap((peer) => WAYS.map(([way, suffix]) => ({ peer, way, suffix })));
    const [ours, ...theirs] = await takeTurns(turns, [
      async () => rate(await secondsOf(() => predictAll(predictor, one))),
      ...measured.map(
        ({ peer, way }) =>
          async () =>
            rate(await peer.measure(way)),
      ),
    ]);
    const memory = await commandMemory(one, runtime, folder);
    const name = caseName(`predict-${one.name}`, precision);
    const size = `${one.rows.length.toLocaleString("en-US")} rows, ${turns} turns`;
    if (peers.length === 0) report.add(compare(name, "rows/s", ours, undefined), size);
    for (const [i, { peer, way, suffix }] of measured.entries()) {
      const note = `${size}; ${peer.with}, ${way}${sameLabels(labels, peer.labels(way))}`;
      report.add(compare(`${name}${peer.suffix}${suffix}`, "rows/s", ours, theirs[i]), note);
    }
    if (memory !== undefined) addMemory(name, memory, peers, report);
  } finally {
    predictor.dispose();
    for (const peer of peers) peer.close();
  }
}

function addMemory(name: string, ours: number, peers: readonly PredictPeer[], report: Report): void {
  const add = (suffix: string, theirs: number[] | undefined, note: string) =>
    report.add(compare(`${name}${suffix}-memory`, "MB", [ours], theirs), note);
  if (peers.length === 0) add("", undefined, "peak of the whole command");
  for (const { suffix, peakMemoryMb } of peers) {
    add(suffix, [peakMemoryMb], "peak of the whole command; of the peer's process");
  }
}

/** Their processes, with a file of the texts and the model as each reads it. */
async function peersFor(
  one: PredictCase,
  { peer, peerNode, runtime, folder, threads, peerPrecision = runtime.precision }: CaseOptions,
): Promise<PredictPeer[]> {
  if (peer === undefined) return [];
  const texts = join(folder, "texts.json");
  writeFileSync(texts, JSON.stringify(one.texts));
  const { model, task } = one;
  const request = { model, task, texts, precision: peerPrecision, threads };
  const exported = join(folder, `${one.name}-onnx`);
  const hasNode = peerNode !== undefined && runtime.precision === "float32";
  if (hasNode) await exportModel(peer, one, exported);
  return [
    pythonPeer(peer, request),
    ...(hasNode ? [nodePeer(peerNode, { ...request, model: exported, precision: "float32" })] : []),
  ];
}

/** Both sides end with predictions as objects; neither writes them. */
async function predictAll(predictor: Predictor, { rows }: PredictCase): Promise<Prediction[]> {
  const predictions: Prediction[] = [];
  for await (const prediction of predictor.stream(rows)) predictions.push(prediction);
  return predictions;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function labelOf(prediction: Prediction): string {
  return "label" in prediction ? prediction.label : "";
}

/** Whether both sides did the same work: a peer gives the labels of its first rows, of tags none. */
function sameLabels(ours: readonly string[], theirs: readonly string[]): string {
  if (theirs.length === 0) return "";
  const same = theirs.filter((label, i) => label === ours[i]).length;
  return `, ${same} of the first ${theirs.length} labels alike`;
}

/** Peak memory of `bertwright predict` on the file, in MB; undefined where the system does not tell. */
async function commandMemory(
  { model, data }: PredictCase,
  { name, precision }: LoadedRuntime,
  folder: string,
): Promise<number | undefined> {
  const output = join(folder, "predictions.jsonl");
  const args = [COMMAND, "predict", "--model", model, "--data", data, "--output", output, "--overwrite"];
  const how = ["--runtime", name, "--precision", precision, "--progress", "none"];
  const { status, stderr, peakMemoryMb } = await runProgram({
    file: process.execPath,
    args: [...args, ...how],
  });
  if (status !== 0)
    throw new InputError(`bertwright predict failed: ${stderr.trim().split("\n").slice(-2).join("\n")}`);
  return peakMemoryMb;
}
