/** The peer of the training step: bench/peer_step.py, a process that stays warm and answers one line a request. */
import type { Precision } from "../../internals.ts";
import { LineProcess } from "./line-process.ts";
import { peerScript } from "./peer-script.ts";

export type Attention = "sdpa" | "eager";

/** How the peer runs its model. */
export interface PeerWay {
  attn: Attention;
  /** Through torch.compile. */
  compile: boolean;
}

export interface PeerRequest extends PeerWay {
  model: "minilm" | "base";
  /** Tokens of each row of each batch; a step each. */
  batches: readonly (readonly number[])[];
  precision: Precision;
  threads?: number;
}

export interface PeerReply {
  /** Milliseconds of each step. */
  ms: number[];
  torch: string;
  transformers: string;
  threads: number;
}

export class Peer {
  readonly #process: LineProcess;

  /** `script` answers as bench/peer_step.py does. */
  constructor(python: string, script = peerScript("peer_step.py")) {
    const advice = "Give a Python that has torch and transformers.";
    this.#process = new LineProcess({ file: python, args: [script], option: `--peer ${python}`, advice });
  }

  /** Throws `InputError` where the peer cannot be started, ends, or says what is wrong. */
  measure(request: PeerRequest): Promise<PeerReply> {
    return this.#process.ask(request);
  }

  close(): void {
    this.#process.close();
  }
}
