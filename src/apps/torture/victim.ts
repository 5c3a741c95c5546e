/** A process that waits to run the subject and be killed, and how it ended. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Job } from "./kill-child.ts";

/** Compiled; the same distance from here in `src` and in `dist`. */
const CHILD = fileURLToPath(new URL("../../../dist/apps/torture/kill-child.js", import.meta.url));

export class Victim {
  readonly #child: ChildProcess;
  readonly #ready: Promise<unknown>;
  readonly #exit: Promise<unknown>;
  #errors = "";

  /** Begins to load what it needs. */
  constructor() {
    this.#child = fork(CHILD, { silent: true });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#errors += text;
    });
    this.#exit = once(this.#child, "exit");
    this.#ready = Promise.race([once(this.#child, "message"), this.#exit]);
  }

  /**
   * Runs the job to its end, or until it is killed, by itself or so many milliseconds after it began. Throws what the
   * process said where it ended with an error.
   */
  async run(job: Job, killAfter?: number): Promise<{ killed: boolean; milliseconds: number }> {
    await this.#ready;
    const began = once(this.#child, "message");
    this.#child.send(job);
    await Promise.race([began, this.#exit]);
    const started = performance.now();
    if (killAfter !== undefined) await Promise.race([sleep(killAfter), this.#exit]);
    if (killAfter !== undefined) this.kill();
    await this.#exit;
    const { exitCode, signalCode } = this.#child;
    const milliseconds = performance.now() - started;
    if (signalCode === "SIGKILL" || exitCode === 0) return { killed: signalCode !== null, milliseconds };
    throw new Error(`the process ended with status ${exitCode}: ${this.#errors}`);
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
