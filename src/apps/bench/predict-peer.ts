/** The peers of prediction: transformers in Python and in Node, each a process that stays warm. */
import { fileURLToPath } from "node:url";
import type { Precision } from "../../internals.ts";
import { LineProcess } from "./line-process.ts";
import type { PredictCase } from "./predict-cases.ts";

const script = (name: string) => fileURLToPath(new URL(`../../../bench/${name}`, import.meta.url));

/** What is asked of a peer, the way left open. */
export interface PredictRequest {
  model: string;
  task: PredictCase["task"];
  /** A file with the texts. */
  texts: string;
  precision: Precision;
  threads?: number;
}

interface Reply {
  seconds: number;
  /** Of the first rows, where a row has one. */
  labels: string[];
  peak_memory_mb: number;
  /** The versions that ran. */
  with: string;
}

const WAYS = ["pipeline", "sorted"] as const;

export class PredictPeer {
  /** Behind the case's name. */
  readonly suffix: string;
  readonly #process: LineProcess;
  readonly #request: PredictRequest;
  readonly #seconds = new Map<string, number>();
  #way: string = WAYS[0];
  #reply: Reply | undefined;

  constructor(suffix: string, process: LineProcess, request: PredictRequest) {
    this.suffix = suffix;
    this.#process = process;
    this.#request = request;
  }

  /**
   * Runs each way once, after a run that loads; from then on the faster one counts. Throws `InputError` where the peer
   * cannot work.
   */
  async warmUp(): Promise<void> {
    await this.#ask(this.#way);
    for (const way of WAYS) this.#seconds.set(way, (await this.#ask(way)).seconds);
    [[this.#way]] = [...this.#seconds].sort(([, a], [, b]) => a - b);
  }

  /** Seconds of one run. */
  async measure(): Promise<number> {
    return (await this.#ask(this.#way)).seconds;
  }

  /** Versions, the way that counts, and what each took at first. */
  get with(): string {
    const tried = [...this.#seconds].map(([way, seconds]) => `${way} ${seconds.toFixed(1)} s`);
    return `${this.#last.with}, ${this.#way} (${tried.join(", ")})`;
  }

  get labels(): readonly string[] {
    return this.#last.labels;
  }

  /** Of the process up to now. */
  get peakMemoryMb(): number {
    return this.#last.peak_memory_mb;
  }

  close(): void {
    this.#process.close();
  }

  get #last(): Reply {
    if (this.#reply === undefined) throw new Error("internal: the peer has not run yet");
    return this.#reply;
  }

  async #ask(way: string): Promise<Reply> {
    this.#reply = await this.#process.ask<Reply>({ ...this.#request, way });
    return this.#reply;
  }
}

export function pythonPeer(python: string, request: PredictRequest): PredictPeer {
  return new PredictPeer("", pythonProcess(python), request);
}

/** `folder`: where @huggingface/transformers is installed; the request's model is what `exportModel` wrote. */
export function nodePeer(folder: string, request: PredictRequest): PredictPeer {
  const option = `--peer-node ${folder}`;
  const advice = "Give a folder in which npm has installed @huggingface/transformers.";
  const args = [script("peer_predict.mjs"), folder];
  return new PredictPeer("-node", new LineProcess({ file: process.execPath, args, option, advice }), request);
}

/** Writes a model as ONNX for the Node peer, in a process of its own: what that takes is not prediction's. */
export async function exportModel(
  python: string,
  { model, task }: Pick<PredictRequest, "model" | "task">,
  target: string,
): Promise<void> {
  const exporter = pythonProcess(python);
  try {
    await exporter.ask({ export: model, task, to: target });
  } finally {
    exporter.close();
  }
}

function pythonProcess(python: string): LineProcess {
  const advice = "Give a Python that has torch and transformers, and onnx for --peer-node.";
  return new LineProcess({
    file: python,
    args: [script("peer_predict.py")],
    option: `--peer ${python}`,
    advice,
  });
}
