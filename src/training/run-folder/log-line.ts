/**
 * The lines of metrics.jsonl: one a step, one an evaluation, with transformers' names for what they hold. But for the
 * two time fields, `seconds` and `tokens_per_second`, a line depends on the run alone.
 */
import type { TrainingEvent } from "../events.ts";

interface AnyLine {
  step: number;
  /** Epochs done, with a fraction. */
  epoch: number;
  /** Since training began; a run that was resumed goes on from the last line that it kept. */
  seconds: number;
}

export interface StepLine extends AnyLine {
  type: "step";
  loss: number;
  grad_norm: number;
  learning_rate: number;
  tokens_per_second: number;
}

/** Its metrics are named as in `eval_accuracy`. */
export interface EvaluationLine extends AnyLine {
  type: "evaluation";
  /** The metric that chooses the weights, and the same metric of the answer that ignores the text. */
  metric: string;
  baseline: number;
  /** Whether it was the best until then. */
  best: boolean;
  [named: `eval_${string}`]: number;
}

export type LogLine = StepLine | EvaluationLine;

/** The line of an event; undefined for events that the log leaves out. */
export function lineOf(event: TrainingEvent, seconds: number): LogLine | undefined {
  if (event.type === "step") {
    const { step, epoch, loss, gradientNorm, learningRate, tokensPerSecond } = event;
    return {
      ...{ type: "step", step, epoch, loss, grad_norm: gradientNorm, learning_rate: learningRate },
      ...{ tokens_per_second: rounded(tokensPerSecond, 1), seconds: rounded(seconds, 3) },
    };
  }
  if (event.type !== "evaluation") return undefined;
  const { step, epoch, metrics, metric, baseline, best } = event;
  const chosen = { metric, baseline, best, seconds: rounded(seconds, 3) };
  return { type: "evaluation", step, epoch, ...prefixed(metrics), ...chosen };
}

/** transformers' spelling: `eval_accuracy`. */
export function prefixed(metrics: Readonly<Record<string, number>>): Record<`eval_${string}`, number> {
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`eval_${name}`, value]));
}

/** The metrics of a line by their own names. */
export function metricsOf(line: EvaluationLine): Record<string, number> {
  const named = Object.entries(line).filter(([name]) => name.startsWith("eval_"));
  return Object.fromEntries(named.map(([name, value]) => [name.slice("eval_".length), Number(value)]));
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
