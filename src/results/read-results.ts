/** The results of a run from its folder: what was measured, and the metrics of its validation rows row by row. */
import { readJson, readJsonIfExists, TEXT_LIMITS } from "../files/model-folder.ts";
import { openSource } from "../files/source.ts";
import { parseObject } from "../text/data/json-lines.ts";
import { readLines } from "../text/data/lines.ts";
import { APPLICATIONS, tagOfConfig } from "../training/applications/index.ts";
import type { TaskTag } from "../training/options.ts";
import { EVALUATION, PREDICTIONS } from "../training/run-folder/names.ts";
import { InputError } from "../util/errors.ts";
import type { EvaluationFile } from "./evaluation-file.ts";
import type { RowMetrics } from "./line-kind.ts";
import { lineKindOf } from "./line-kinds.ts";
import type { ResultLine } from "./lines.ts";

export interface RunResults {
  readonly folder: string;
  readonly task: TaskTag;
  readonly evaluation: EvaluationFile;
}

/** Throws `InputError` where the folder is that of no run with validation rows. */
export async function readResults(folder: string): Promise<RunResults> {
  const json = await readJson(folder, "config.json", TEXT_LIMITS.config);
  const evaluation = await readJsonIfExists(folder, EVALUATION, TEXT_LIMITS.config);
  if (!evaluation) {
    throw new InputError(
      `${folder}: ${EVALUATION} is missing.\nA run has one that ended and had --validation; train it again with that.`,
    );
  }
  if (!isEvaluation(evaluation)) {
    throw new InputError(
      `${folder}/${EVALUATION}: metric, metrics or rows are missing.\nIt was changed since.`,
    );
  }
  return { folder, task: tagOfConfig(folder, json), evaluation };
}

function isEvaluation(json: object): json is EvaluationFile {
  const { metric, metrics, rows } = json as Partial<EvaluationFile>;
  return (
    typeof metric === "string" && typeof metrics === "object" && metrics !== null && Number.isInteger(rows)
  );
}

/** Reads predictions.jsonl, streaming. Throws `InputError` that names the line that is no prediction. */
export async function readRowMetrics({ folder, task }: RunResults): Promise<RowMetrics> {
  const json = await readJson(folder, "config.json", TEXT_LIMITS.config);
  const collector = lineKindOf(APPLICATIONS[task].fromConfig(folder, json, {})).collector();
  const path = `${folder}/${PREDICTIONS}`;
  for await (const { first, lines } of readLines(await openSource(path))) {
    lines.forEach((text, i) => {
      try {
        collector.add(parseObject(text) as unknown as ResultLine);
      } catch {
        throw new InputError(
          `${path}:${first + i}: not a prediction of this model.\nThe file was changed since train wrote it.`,
        );
      }
    });
  }
  return collector.finish();
}
