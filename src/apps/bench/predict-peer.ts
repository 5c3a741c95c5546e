/** The peers of prediction: transformers in Python and in Node, each a process that stays warm. */
import type { Precision } from "../../internals.ts";
import { LineProcess } from "./line-process.ts";
import { peerScript } from "./peer-script.ts";
import type { PredictCase } from "./predict-cases.ts";

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

/**
 * A peer's own pipeline, in batches of 32 in the order of the rows, and what a user can write by hand: the rows sorted by
 * length before. What follows the case's name says which.
 */
export const WAYS = [
  ["sorted", ""],
  ["pipeline", "-pipeline"],
] as const;
export type Way = (typeof WAYS)[number][0];

export class PredictPeer {
  /** Behind the case's name. */
  readonly suffix: string;
  readonly #process: LineProcess;
  readonly #request: PredictRequest;
  readonly #replies = new Map<Way, Reply>();

  constructor(suffix: string, process: LineProcess, request: PredictRequest) {
    this.suffix = suffix;
    this.#process = process;
    this.#request = request;
  }

  /** Runs each way once, after a run that loads. Throws `InputError` where the peer cannot work. */
  async warmUp(): Promise<void> {
    for (const way of ["pipeline", "pipeline", "sorted"] as const) await this.measure(way);
  }

  /** Seconds of one run. */
  async measure(way: Way): Promise<number> {
    const reply = await this.#process.ask<Reply>({ ...this.#request, way });
    this.#replies.set(way, reply);
    return reply.seconds;
  }

  /** Versions. */
  get with(): string {
    return this.#last("sorted").with;
  }

  labels(way: Way): readonly string[] {
    return this.#last(way).labels;
  }

  /** Of the process up to now. */
  get peakMemoryMb(): number {
    return Math.max(...[...this.#replies.values()].map((reply) => reply.peak_memory_mb));
  }

  close(): void {
    this.#process.close();
  }

  #last(way: Way): Reply {
    const reply = this.#replies.get(way);
    if (reply === undefined) throw new Error("internal: the peer has not run yet");
    return reply;
  }
}

export function pythonPeer(python: string, request: PredictRequest): PredictPeer {
  return new PredictPeer("", pythonProcess(python), request);
}

/** `folder`: where @huggingface/transformers is installed; the request's model is what `exportModel` wrote. */
export function nodePeer(folder: string, request: PredictRequest): PredictPeer {
  const option = `--peer-node ${folder}`;
  const advice = "Give a folder in which npm has installed @huggingface/transformers.";
  const args = [peerScript("peer_predict.mjs"), folder];
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
    args: [peerScript("peer_predict.py")],
    option: `--peer ${python}`,
    advice,
  });
}
