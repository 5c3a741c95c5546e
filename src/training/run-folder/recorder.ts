/**
 * Keeps a run's record in its folder while it goes on: metrics.jsonl, appended to at each step, and results.csv, written
 * again at each evaluation. A run that is resumed goes on with the record of the step that it is resumed from.
 */
import { AppendedFile, cutLines } from "../../files/appended-file.ts";
import { makeFolder, writeFileAtomic } from "../../files/atomic.ts";
import { removeOutdated } from "../../files/output-folder.ts";
import type { TrainingEvent } from "../events.ts";
import { type LogLine, lineOf } from "./log-line.ts";
import { METRICS, RESULTS, RUN_FILES, TENSORBOARD } from "./names.ts";
import { ResultsTable } from "./results-table.ts";
import { TensorBoardLog } from "./tensorboard.ts";

/** What is left of a record that was cut back. */
export interface KeptRecord {
  readonly table: ResultsTable;
  readonly step: number;
  /** Those of the last line. */
  readonly seconds: number;
}

export interface RecorderOptions {
  /** What `cutBack` left of the record of a run that goes on; without, a new one begins. */
  kept?: KeptRecord;
  /** Writes TensorBoard's event files, too. Default false. */
  tensorBoard?: boolean;
}

/**
 * Takes from the record what came after `step`, so that it is that of a run that has done `step` steps. `evaluated`:
 * whether that includes the evaluation of this very step; default true.
 */
export async function cutBack(
  folder: string,
  step: number,
  { evaluated = true }: { evaluated?: boolean } = {},
): Promise<KeptRecord> {
  const table = new ResultsTable();
  let seconds = 0;
  await cutLines(`${folder}/${METRICS}`, (text) => {
    const line = parseLine(text);
    if (line === undefined || line.step > step) return false;
    if (line.type === "evaluation" && line.step === step && !evaluated) return false;
    table.add(line);
    seconds = line.seconds;
    return true;
  });
  await writeFileAtomic(`${folder}/${RESULTS}`, table.text());
  return { table, step, seconds };
}

/** A line that was cut by a full disk, or that somebody wrote into, ends the part that can be kept. */
function parseLine(text: string): LogLine | undefined {
  try {
    const line = JSON.parse(text) as LogLine | null;
    return Number.isInteger(line?.step) ? (line ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

export class RunRecorder {
  readonly #folder: string;
  readonly #log: AppendedFile;
  readonly #table: ResultsTable;
  readonly #started: number;
  readonly #board: TensorBoardLog | undefined;

  /** Begins a record in `folder`, in place of that of an earlier run, or goes on with the one that was `kept`. */
  static async open(folder: string, options: RecorderOptions = {}): Promise<RunRecorder> {
    if (!options.kept) await removeOutdated(folder, RUN_FILES);
    if (options.tensorBoard) await makeFolder(`${folder}/${TENSORBOARD}`);
    return new RunRecorder(folder, options);
  }

  private constructor(folder: string, { kept, tensorBoard = false }: RecorderOptions) {
    this.#folder = folder;
    if (tensorBoard)
      this.#board = new TensorBoardLog(`${folder}/${TENSORBOARD}`, { resumedFrom: kept?.step });
    this.#log = new AppendedFile(`${folder}/${METRICS}`, { fresh: !kept });
    this.#table = kept?.table ?? new ResultsTable();
    this.#started = performance.now() - 1000 * (kept?.seconds ?? 0);
  }

  /** Throws `InputError` where the disk is full. */
  note(event: TrainingEvent): void {
    // A checkpoint that outlives a power cut has the lines of its steps.
    if (event.type === "saving") this.#log.flush();
    const line = lineOf(event, (performance.now() - this.#started) / 1000);
    if (line === undefined) return;
    this.#table.add(line);
    this.#log.append(`${JSON.stringify(line)}\n`);
    this.#board?.add(line);
  }

  /** After an evaluation: what was noted is on the disk, and the table is written. */
  async flush(): Promise<void> {
    this.#log.flush();
    await writeFileAtomic(`${this.#folder}/${RESULTS}`, this.#table.text());
  }

  close(): void {
    this.#log.close();
    this.#board?.close();
  }
}
