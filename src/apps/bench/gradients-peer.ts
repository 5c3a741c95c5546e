/**
 * The peer of `--suite gradients`: bench/peer_gradients.py, PyTorch's autocast against its own float32 on the same rows and
 * weights.
 */
import type { GradientInputs } from "./gradient-side.ts";
import { LineProcess } from "./line-process.ts";
import { peerScript } from "./peer-script.ts";

/** Batches have masks of their own, and those of another seed others; more batches than the bench takes. */
const MASKS_OF_A_SEED = 1000;

interface Reply {
  percent: number;
  torch: string;
  transformers: string;
}

export class GradientsPeer {
  readonly #process: LineProcess;
  readonly #given: GradientInputs;
  readonly #dropout: number;
  /** Sent with the first request alone. */
  #fresh?: Record<string, number[]>;
  /** Of its libraries, once it has answered. */
  versions = "";

  /** `dropout`: its probability everywhere. `fresh`: parameters that the checkpoint does not have, by name. */
  constructor(python: string, given: GradientInputs, dropout: number, fresh: Record<string, number[]>) {
    const advice = "Give a Python that has torch and transformers.";
    this.#process = new LineProcess({
      file: python,
      args: [peerScript("peer_gradients.py")],
      option: `--peer ${python}`,
      advice,
    });
    this.#given = given;
    this.#dropout = dropout;
    this.#fresh = fresh;
  }

  /**
   * The figure of a batch, whose `number` decides its masks, the same in both precisions. Throws `InputError` where the peer
   * cannot be started, ends, or says what is wrong.
   */
  async percent(rows: readonly number[], number: number): Promise<number> {
    const { files, task, features, seed } = this.#given;
    const { percent, torch, transformers } = await this.#process.ask<Reply>({
      model: files.folder,
      classes: task.options.labels.length,
      fresh: this.#fresh,
      dropout: this.#dropout,
      seed: MASKS_OF_A_SEED * seed + number,
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
