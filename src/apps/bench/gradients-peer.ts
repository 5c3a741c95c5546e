/**
 * The peer of `--suite gradients`: bench/peer_gradients.py, PyTorch's autocast against its own float32 on the same rows and
 * weights.
 */
import type { GradientInputs } from "./gradient-side.ts";
import { LineProcess } from "./line-process.ts";
import { peerScript } from "./peer-script.ts";

interface Reply {
  percent: number;
  torch: string;
  transformers: string;
}

export class GradientsPeer {
  readonly #process: LineProcess;
  readonly #given: GradientInputs;
  /** Sent with the first request alone. */
  #fresh?: Record<string, number[]>;
  /** Of its libraries, once it has answered. */
  versions = "";

  /** `fresh`: parameters that the checkpoint does not have, by name. */
  constructor(python: string, given: GradientInputs, fresh: Record<string, number[]>) {
    const advice = "Give a Python that has torch and transformers.";
    this.#process = new LineProcess({
      file: python,
      args: [peerScript("peer_gradients.py")],
      option: `--peer ${python}`,
      advice,
    });
    this.#given = given;
    this.#fresh = fresh;
  }

  /** The figure of a batch. Throws `InputError` where the peer cannot be started, ends, or says what is wrong. */
  async percent(rows: readonly number[]): Promise<number> {
    const { files, task, features } = this.#given;
    const { percent, torch, transformers } = await this.#process.ask<Reply>({
      model: files.folder,
      classes: task.options.labels.length,
      fresh: this.#fresh,
      rows: rows.map((row) => Array.from(features.inputIds(row))),
      first: rows.map((row) => features.firstLength(row)),
      labels: rows.map((row) => features.label(row)[0]),
    });
    this.#fresh = undefined;
    this.versions = `PyTorch ${torch}, transformers ${transformers}`;
    return percent;
  }

  close(): void {
    this.#process.close();
  }
}
