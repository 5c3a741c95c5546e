/** The peer of the training step: bench/peer_step.py, a process that stays warm and answers one line a request. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Precision } from "../../internals.ts";
import { InputError } from "../../util/errors.ts";

/** Of the checkout; the same distance from here in `src` and in `dist`. */
const SCRIPT = fileURLToPath(new URL("../../../bench/peer_step.py", import.meta.url));
const KEPT_ERROR_CHARACTERS = 4000;

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
  readonly #python: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  #stderr = "";
  #spawnError: Error | undefined;

  /** `script` answers as bench/peer_step.py does. */
  constructor(python: string, script = SCRIPT) {
    this.#python = python;
    this.#child = spawn(python, [script], { stdio: "pipe" });
    this.#child.on("error", (error) => {
      this.#spawnError = error;
      this.#reader.close();
    });
    this.#child.stdin?.on("error", () => {}); // it has ended: the missing answer tells
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_ERROR_CHARACTERS);
    });
    this.#reader = createInterface({ input: this.#child.stdout! });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Throws `InputError` where the peer cannot be started, ends, or says what is wrong. */
  async measure(request: PeerRequest): Promise<PeerReply> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw this.#failure(this.#spawnError?.message ?? lastLine(this.#stderr) ?? "it ended");
    const reply = JSON.parse(value) as PeerReply & { error?: string };
    if (reply.error !== undefined) throw this.#failure(reply.error);
    return reply;
  }

  #failure(reason: string): InputError {
    return new InputError(
      `--peer ${this.#python}: ${reason}\nGive a Python that has torch and transformers.`,
    );
  }

  close(): void {
    this.#child.stdin?.end();
    this.#child.kill();
    this.#reader.close();
  }
}

function lastLine(text: string): string | undefined {
  return text.trim().split("\n").at(-1) || undefined;
}
