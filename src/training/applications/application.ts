/** What differs between the applications of the source text, seen from training and inference. */
import type { Task } from "../../tasks/task.ts";
import type { RowKeys } from "../choose-rows.ts";
import type { Dataset, DatasetOptions } from "../dataset.ts";
import type { DataInput, FineTuneOptions, SamplingStrategy, TaskTag } from "../options.ts";

/** Options of the task's data and loss, as `fineTune` and `evaluate` take them. */
export type ReadingOptions = DatasetOptions &
  Partial<
    Pick<
      FineTuneOptions,
      "problemType" | "docStride" | "docStep" | "maxQuestionLength" | "answerSoftmax" | "labelAllPieces"
    >
  > & {
    /** A second file, with the tags of the first one's words. */
    tags?: string;
  };

/** What of a saved task its user may change. */
export interface TaskOverrides {
  positiveLabel?: string;
  threshold?: number;
  nullScoreDiffThreshold?: number;
  maxAnswerLength?: number;
  nBest?: number;
}

export interface Application<T extends Task = Task, D extends Dataset = Dataset> {
  readonly tag: TaskTag;
  /** Where nothing is said. */
  readonly standards: {
    readonly maxSeqLength: number;
    /** Rows of a step. */
    readonly batchSize: number;
    /** As so many micro-batches they are computed. */
    readonly microBatches: number;
    readonly epochs: number;
    readonly sampling: SamplingStrategy;
  };
  /** The same of the options that only this task has. */
  readonly defaults: Partial<FineTuneOptions>;
  /** What of the rows decides which of them may be held out. */
  rowKeys(input: DataInput, options: Omit<ReadingOptions, "maxSeqLength">): Promise<RowKeys>;
  /** Reads, checks and encodes. `known`: the task that training made; without it these are the training rows. */
  read(input: DataInput, options: ReadingOptions, known?: T): Promise<D>;
  /** The task that the training rows ask for. */
  task(options: FineTuneOptions, train: D): T;
  /** How many classes a step tells apart, for the learning rate, and what that is to people. */
  difficulty(task: T): { classes: number; what: string };
  /** The task of a saved model. Throws `InputError` where config.json does not say what is needed. */
  fromConfig(folder: string, json: Readonly<Record<string, unknown>>, overrides: TaskOverrides): T;
}
