/** results.csv: a row an evaluation, the best one marked, with the mean loss of the steps since the row before. */
import { csvLine } from "../../util/csv.ts";
import { type EvaluationLine, type LogLine, metricsOf } from "./log-line.ts";

interface ResultsRow {
  evaluation: EvaluationLine;
  /** Undefined where no step came before. */
  trainLoss?: number;
  learningRate?: number;
}

/** Filled with the lines of metrics.jsonl in their order. */
export class ResultsTable {
  readonly #rows: ResultsRow[] = [];
  #steps = 0;
  #meanLoss = 0;
  #learningRate: number | undefined;

  add(line: LogLine): void {
    if (line.type === "step") {
      this.#steps++;
      this.#meanLoss += (line.loss - this.#meanLoss) / this.#steps;
      this.#learningRate = line.learning_rate;
      return;
    }
    const trainLoss = this.#steps === 0 ? undefined : this.#meanLoss;
    this.#rows.push({ evaluation: line, trainLoss, learningRate: this.#learningRate });
    this.#steps = 0;
    this.#meanLoss = 0;
  }

  /** The file's text; every evaluation of a run has the same metrics. */
  text(): string {
    if (this.#rows.length === 0) return "";
    const names = Object.keys(metricsOf(this.#rows[0].evaluation));
    const header = ["step", "epoch", "train_loss", "learning_rate", ...names, "best", "seconds"];
    const best = this.#rows.findLastIndex(({ evaluation }) => evaluation.best);
    const rows = this.#rows.map(({ evaluation, trainLoss, learningRate }, i) => {
      const metrics = metricsOf(evaluation);
      const { step, epoch, seconds } = evaluation;
      const values = names.map((name) => metrics[name]);
      return [step, epoch, trainLoss, learningRate, ...values, i === best ? "best" : "", seconds];
    });
    return [header, ...rows].map(csvLine).join("");
  }
}
