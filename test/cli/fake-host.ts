/** A process for the command without a process: streams in memory, a clock to set, a library that notes its calls. */
import { Writable } from "node:stream";
import type { Host } from "../../src/apps/cli/host.ts";
import type { Library, Prediction, Predictor, Row, TextRow } from "../../src/apps/cli/library.ts";
import { runCommand } from "../../src/apps/cli/run-command.ts";

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
  evaluate: Parameters<Library["evaluate"]>[0][];
  inspectData: Parameters<Library["inspectData"]>[0][];
  installOpenVino: Parameters<Library["installOpenVino"]>[0][];
  loadPredictor: Parameters<Library["loadPredictor"]>[];
  readRows: Parameters<Library["readRows"]>[];
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
    evaluate: [],
    inspectData: [],
    installOpenVino: [],
    loadPredictor: [],
    readRows: [],
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

function fakeLibrary(calls: Calls): Library {
  return {
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
    installOpenVino: async (options) => {
      calls.installOpenVino.push(options);
      options?.onProgress?.({ file: "openvino.whl", received: 10e6, total: 40e6 });
      return { folder: "/cache/openvino", version: "2026.4.1", fresh: true };
    },
    loadPredictor: async (...given) => {
      calls.loadPredictor.push(given);
      return fakePredictor(calls);
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
