/**
 * The run that is killed, starved and cut off: dropout and shuffling, two checkpoints that have the weights of an earlier
 * best evaluation as well, and a model at its end. It goes on where it stopped.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { latestCheckpoint } from "../../internals.ts";
import { hashesOf } from "./hashes.ts";
import { type FineTuneOptions, fineTune } from "./library.ts";
import { KINDS } from "./rows.ts";

const MODEL_FILES = [
  "model.safetensors",
  "config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "vocab.txt",
  "trainer_state.json",
  "all_results.json",
];
const RUN_FILE = "run.json";
const [{ options: TASK, row }] = KINDS;

export class Subject {
  readonly #model: string;

  /** `model`: the folder of the tiny model. */
  constructor(model: string) {
    this.#model = model;
  }

  /** Runs it in `output` from where it stopped there, or from its beginning, to its end. */
  async run(output: string, more: Partial<FineTuneOptions> = {}): Promise<void> {
    await fineTune({
      ...TASK,
      model: this.#model,
      train: Array.from({ length: 20 }, (_, i) => row(i)),
      validation: Array.from({ length: 4 }, (_, i) => row(100 + i)),
      ...{ maxSteps: 6, saveSteps: 2, evalSteps: 1, perDeviceTrainBatchSize: 4, learningRate: 1e-3 },
      ...{ dropout: 0.1, threads: 1, resume: true, output },
      ...more,
    });
  }

  /** Stops it once that step is done; what is done is in a checkpoint then. */
  async runUntil(step: number, output: string, more: Partial<FineTuneOptions> = {}): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const onEvent: FineTuneOptions["onEvent"] = (event) => {
      if (event.type === "step" && event.step === step) controller.abort();
    };
    await this.run(output, { ...more, signal, onEvent }).catch((error: unknown) => {
      if (error !== signal.reason) throw error;
    });
  }
}

/** Hashes of those files of a finished run that do not say when it ran, or how fast. */
export function modelOf(output: string): Record<string, string> {
  const files = Object.entries(hashesOf(output));
  return Object.fromEntries(files.filter(([name]) => MODEL_FILES.includes(name)));
}

/** Whether `run.json`, if it is there, says that the run came to its end. */
export function isFinished(output: string): boolean {
  const path = join(output, RUN_FILE);
  return existsSync(path) && JSON.parse(readFileSync(path, "utf8")).status === "finished";
}

export interface FoundCheckpoint {
  readonly step: number;
  readonly files: Readonly<Record<string, string>>;
}

/** The checkpoint that a run in `output` goes on from, and what is said of those that are passed over. */
export async function findCheckpoint(
  output: string,
): Promise<{ found?: FoundCheckpoint; warnings: readonly string[] }> {
  const warnings: string[] = [];
  const content = await latestCheckpoint(output, (event) => {
    if (event.type === "warning") warnings.push(event.message);
  });
  const found = content && { step: content.state.step, files: hashesOf(content.folder) };
  return { found, warnings };
}
