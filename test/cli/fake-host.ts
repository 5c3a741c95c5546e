/** A process for the command without a process: streams in memory, a clock to set, a library that notes its calls. */
import { Writable } from "node:stream";
import type { Host } from "../../src/apps/cli/host.ts";
import type { Library, Prediction, Predictor, Row, TextRow } from "../../src/apps/cli/library.ts";
import { runCommand } from "../../src/apps/cli/run-command.ts";
import { predictionLine } from "../../src/inference/prediction-line.ts";

/** Collects what is written. */
export class MemoryStream extends Writable {
  text = "";
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export interface Calls {
  loaded: number;
  fineTune: Parameters<Library["fineTune"]>[0][];
  dryRun: Parameters<Library["dryRun"]>[0][];
  fineTuneSeeds: Parameters<Library["fineTuneSeeds"]>[0][];
  previewOptions: Parameters<Library["previewOptions"]>[0][];
  withOptionsFile: Parameters<Library["withOptionsFile"]>[];
  evaluate: Parameters<Library["evaluate"]>[0][];
  inspectData: Parameters<Library["inspectData"]>[0][];
  installOpenVino: Parameters<Library["installOpenVino"]>[0][];
  loadPredictor: Parameters<Library["loadPredictor"]>[];
  obtainReport: string[];
  openFile: string[];
  readRows: Parameters<Library["readRows"]>[];
  verifyRun: Parameters<Library["verifyRun"]>[0][];
  stream: { rows: Row[]; options: unknown }[];
  disposed: number;
}

export interface FakeHost extends Host {
  stdout: MemoryStream;
  stderr: MemoryStream;
  calls: Calls;
  /** Milliseconds that the clock shows. */
  clock: { ms: number };
  controller: AbortController;
}

/** `library` replaces single functions of the fake one. */
export function fakeHost(
  library: Partial<Library> = {},
  changes: Partial<Omit<Host, "stdout" | "stderr">> = {},
): FakeHost {
  const calls: Calls = {
    loaded: 0,
    fineTune: [],
    dryRun: [],
    fineTuneSeeds: [],
    previewOptions: [],
    withOptionsFile: [],
    evaluate: [],
    inspectData: [],
    installOpenVino: [],
    loadPredictor: [],
    obtainReport: [],
    openFile: [],
    readRows: [],
    verifyRun: [],
    stream: [],
    disposed: 0,
  };
  const clock = { ms: 0 };
  const controller = new AbortController();
  return {
    stdout: new MemoryStream(),
    stderr: new MemoryStream(),
    env: {},
    isTTY: false,
    columns: () => 80,
    now: () => clock.ms,
    signal: controller.signal,
    hold: () => {},
    commandName: "bertwright",
    version: "1.2.3",
    openFile: async (path) => {
      calls.openFile.push(path);
      return true;
    },
    ...changes,
    calls,
    clock,
    controller,
    loadLibrary: async () => {
      calls.loaded++;
      return { ...fakeLibrary(calls), ...library };
    },
  };
}

const NO_LINES = { rows: 0, examples: [] };
export const REPORT: Awaited<ReturnType<Library["inspectData"]>> = {
  task: "text-classification",
  kind: "class",
  train: { name: "d", rows: 3, emptyTexts: NO_LINES, duplicates: NO_LINES, conflicts: NO_LINES },
  similarLabels: [],
};

export const RUNTIMES: Awaited<ReturnType<Library["listRuntimes"]>> = {
  platform: "linux x64",
  bf16: true,
  runtimes: [
    {
      name: "onnxruntime",
      available: true,
      version: "1.30.0",
      location: "/modules/libonnxruntime.so.1",
      precisions: ["float32"],
    },
    { name: "openvino", available: false, problem: "not installed", advice: "Install it.", precisions: [] },
  ],
};

const MB = 1e6;
export const MACHINE: Awaited<ReturnType<Library["examineMachine"]>> = {
  ok: true,
  problems: [],
  ...{ node: "20.20.2", platform: "linux x64" },
  processor: { name: "A Processor", bf16: true, threads: 2 },
  memory: { machine: 25_300 * MB, limit: 8000 * MB },
  cache: { folder: "/cache", writable: true, free: 5000 * MB },
  here: { folder: "/work", writable: true, free: 4000 * MB },
  runtimes: RUNTIMES.runtimes,
  models: [
    { name: "owner/half", complete: false },
    { name: "owner/model", complete: true },
  ],
  defaultModel: { name: "owner/model", from: "cache" },
  hub: { endpoint: "https://hub.test", mirror: true, token: true, offline: false, reachable: true },
};

export const FORECAST: Awaited<ReturnType<Library["dryRun"]>> = {
  task: "text-classification",
  train: {
    ...{ type: "data", split: "train", task: "text-classification", name: "t.tsv", layout: "t.tsv: tabs" },
    ...{
      rows: 8551,
      windows: 8551,
      pair: false,
      tokens: 90_000,
      truncated: 2,
      labels: ["no", "yes"],
      notes: [],
    },
  },
  recipe: ["804 steps of 32 rows"],
  ...{ steps: 804, evaluations: 3, mayEndEarlier: false },
  seconds: {
    preparation: 1.5,
    training: { low: 80, high: 100 },
    evaluation: { low: 3, high: 4 },
    saving: { low: 0.1, high: 0.9 },
    total: { low: 84.6, high: 106.4 },
  },
  memory: {
    ...{ weights: 182 * MB, optimizer: 273 * MB, activations: 90 * MB, process: 150 * MB },
    ...{ total: 695 * MB, limit: 25_000 * MB, rows: 32, tokens: 47, measured: 640 * MB },
  },
  disk: { model: 91 * MB, checkpoints: 728 * MB, free: 5_000 * MB },
  baseline: { metric: "matthews_correlation", value: 0 },
};

function fakeLibrary(calls: Calls): Library {
  return {
    compareRuns: async () => ({ metric: "accuracy", level: 0.95, options: [], runs: [], notes: [] }),
    predictionLine,
    fineTune: async (options) => {
      calls.fineTune.push(options);
      return {
        output: options.output,
        task: "text-classification",
        metrics: { accuracy: 0.75 },
        seconds: 61.23456,
        tokensPerSecond: 1234.5678,
        peakMemoryMb: 640.25,
        plannedMemoryMb: 655,
      };
    },
    dryRun: async (options) => {
      calls.dryRun.push(options);
      return FORECAST;
    },
    fineTuneSeeds: async (options) => {
      calls.fineTuneSeeds.push(options);
      const runs = options.seeds.map((seed, i) => {
        options.onEvent?.({ type: "recipe", lines: [] }, seed);
        const metrics = { f1: 0.25, accuracy: 0.5 + i / 8 };
        return { seed, output: `${options.output}/seed-${seed}`, metrics, seconds: 1.00049 };
      });
      const metrics = { f1: { mean: 0.25, std: 0 }, accuracy: { mean: 0.5625, std: 0.0884 } };
      const best = options.seeds[1];
      return { task: "text-classification", runs, metrics, metric: "accuracy", best, seconds: 2.00098 };
    },
    previewOptions: async (options) => {
      calls.previewOptions.push(options);
      return { seed: { value: 42, origin: "default" } };
    },
    withOptionsFile: async (...given) => {
      calls.withOptionsFile.push(given);
      const ofFile = { learningRate: 1e-3, train: "file.tsv", seed: 5 };
      return { ...ofFile, ...given[1], origins: { learningRate: "file" } };
    },
    evaluate: async (options) => {
      calls.evaluate.push(options);
      options.onProgress?.({ done: 20, total: 40 });
      return {
        task: "text-classification",
        examples: 40,
        notes: [],
        metrics: { accuracy: 0.75, matthews_correlation: 0.5 },
        seconds: 0.5,
        examplesPerSecond: 80,
      };
    },
    inspectData: async (options) => {
      calls.inspectData.push(options);
      return REPORT;
    },
    formatReport: (report) => `report of ${report.train.rows} rows\n`,
    readRows: (...given) => {
      calls.readRows.push(given);
      return (async function* () {
        yield { text: "first" };
        yield { text: "second", textPair: "pair" };
      })();
    },
    listRuntimes: async () => RUNTIMES,
    examineMachine: async () => MACHINE,
    installOpenVino: async (options) => {
      calls.installOpenVino.push(options);
      options?.onProgress?.({ file: "openvino.whl", received: 10e6, total: 40e6 });
      return { folder: "/cache/openvino", version: "2026.4.1", fresh: true };
    },
    obtainReport: async (folder) => {
      calls.obtainReport.push(folder);
      return `${folder}/report.html`;
    },
    loadPredictor: async (...given) => {
      calls.loadPredictor.push(given);
      return fakePredictor(calls);
    },
    verifyRun: async (options) => {
      calls.verifyRun.push(options);
      const gradients = { compared: 9, tensors: 10, differing: [] };
      const exported = { tensors: 10, differing: [], rows: 4, differingRows: [] };
      const result = { steps: 6, stoppedAfter: 3, tensors: 20, differing: [], drift: [] };
      return { ...result, gradients, export: exported };
    },
  };
}

/** Predicts the text itself. */
export function fakePredictor(calls: Calls, task: Predictor["task"] = "text-classification"): Predictor {
  const predict = async (text: string): Promise<Prediction> => ({ label: text, score: 0.5 });
  return Object.assign(predict, {
    task,
    problemType: "single_label_classification" as const,
    labels: ["a", "b"],
    stream: async function* (rows: Iterable<Row> | AsyncIterable<Row>, options?: { topK?: number }) {
      const seen: Row[] = [];
      calls.stream.push({ rows: seen, options });
      for await (const row of rows) {
        seen.push(row);
        const best = { label: (row as TextRow).text, score: 0.75 };
        yield options?.topK === undefined ? best : { top: [best, { label: "b", score: 0.25 }] };
      }
    },
    logits: async function* () {},
    dispose: () => {
      calls.disposed++;
    },
  });
}

/** Runs a command line; what it printed and returned. */
export async function run(argv: string[], host: FakeHost = fakeHost()) {
  const status = await runCommand(argv, host);
  return { status, stdout: host.stdout.text, stderr: host.stderr.text, calls: host.calls, host };
}
