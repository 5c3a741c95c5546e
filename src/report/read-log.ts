/** metrics.jsonl to the curves of a report. A line that is still being written, or was cut off, ends it. */
import { fileExists, openSource } from "../files/source.ts";
import { parseObject } from "../text/data/json-lines.ts";
import { readLines } from "../text/data/lines.ts";
import {
  type EvaluationLine,
  type LogLine,
  metricsOf,
  type StepLine,
} from "../training/run-folder/log-line.ts";
import type { EvaluationPoint, StepPoint, Verdict } from "./report-data.ts";

export interface RunLog {
  /** Of the last step; 0 where none was. */
  step: number;
  epoch: number;
  seconds: number;
  tokensPerSecond?: number;
  steps: readonly StepPoint[];
  evaluations: readonly EvaluationPoint[];
  /** The last evaluation that was the best until then. */
  best?: Pick<Verdict, "metric" | "value" | "baseline" | "step" | "epoch">;
}

/** Steps that are kept: every second one goes whenever there are more, so that memory does not grow with the run. */
const MOST_STEPS = 4000;

export async function readLog(path: string): Promise<RunLog> {
  const steps = new ThinnedSteps();
  const evaluations: EvaluationPoint[] = [];
  let best: EvaluationLine | undefined;
  let last: LogLine | undefined;
  let tokensPerSecond: number | undefined;
  for await (const line of logLines(path)) {
    last = line;
    if (line.type === "step") {
      tokensPerSecond = line.tokens_per_second;
      steps.add(line);
    } else {
      if (line.best) best = line;
      evaluations.push({ step: line.step, epoch: line.epoch, metrics: metricsOf(line), best: false });
    }
  }
  const { step = 0, epoch = 0, seconds = 0 } = last ?? {};
  return {
    ...{ step, epoch, seconds, tokensPerSecond, steps: steps.all },
    evaluations: evaluations.map((point) => ({ ...point, best: point.step === best?.step })),
    best: best && bestOf(best),
  };
}

function bestOf(line: EvaluationLine): RunLog["best"] {
  const { metric, baseline, step, epoch } = line;
  return { metric, value: metricsOf(line)[metric], baseline, step, epoch };
}

async function* logLines(path: string): AsyncGenerator<LogLine> {
  if (!(await fileExists(path))) return;
  for await (const { lines } of readLines(await openSource(path))) {
    for (const text of lines) {
      const line = parseObject(text);
      if (line === undefined || !Number.isInteger(line.step)) return;
      yield line as unknown as LogLine;
    }
  }
}

class ThinnedSteps {
  #points: StepPoint[] = [];
  #every = 1;
  #seen = 0;
  #last: StepPoint | undefined;

  add({ step, epoch, loss, grad_norm: gradientNorm, learning_rate: learningRate }: StepLine): void {
    this.#last = { step, epoch, loss, gradientNorm, learningRate };
    if (this.#seen++ % this.#every === 0) this.#points.push(this.#last);
    if (this.#points.length <= MOST_STEPS) return;
    this.#points = this.#points.filter((_, i) => i % 2 === 0);
    this.#every *= 2;
  }

  /** The last step is always among them. */
  get all(): StepPoint[] {
    return this.#last && this.#points.at(-1) !== this.#last ? [...this.#points, this.#last] : this.#points;
  }
}
