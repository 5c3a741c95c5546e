/** What the bench prints, a table that grows by a row a case, and its JSON file. */
import { appendFileSync, writeFileSync } from "node:fs";
import type { Writable } from "node:stream";
import { InputError } from "../../util/errors.ts";
import type { Measurement } from "./statistics.ts";

export interface ReportOptions {
  /** Receives one JSON object a line. */
  jsonFile?: string;
  /** Fields that each of these lines has behind the measurement's own, such as the machine. */
  fields?: Readonly<Record<string, string>>;
}

const HEADER = row(["case", "unit", "ours", "peer", "ratio min", "median", "max"]);

/** Receives measurements as they are made. */
export class Report {
  readonly #stdout: Writable;
  readonly #options: ReportOptions;
  #hasHeader = false;

  /** The JSON file is emptied now, so that a place that cannot be written is not found after minutes. */
  constructor(stdout: Writable, options: ReportOptions = {}) {
    this.#stdout = stdout;
    this.#options = options;
    const { jsonFile } = options;
    if (jsonFile === undefined) return;
    try {
      writeFileSync(jsonFile, "");
    } catch (error) {
      throw new InputError(`--json ${jsonFile}: ${error instanceof Error ? error.message : error}`);
    }
  }

  note(line: string): void {
    this.#stdout.write(`${line}\n`);
  }

  /** `note` says what was compared with what, such as the peer's version and way of attention. */
  add(measurement: Measurement, note: string): void {
    if (!this.#hasHeader) this.note(HEADER);
    this.#hasHeader = true;
    this.note(measurementRow(measurement));
    // Without a ratio, how far the turns lie apart is what tells how much the figure is worth.
    const { peer, ours_min, ours_max, unit } = measurement;
    const spread = peer === null ? `${amount(ours_min)} to ${amount(ours_max)} ${unit}; ` : "";
    this.note(`    ${spread}${note}`);
    const { jsonFile, fields } = this.#options;
    if (jsonFile === undefined) return;
    appendFileSync(jsonFile, `${JSON.stringify({ ...measurement, note, ...fields }, rounded)}\n`);
  }
}

function measurementRow(m: Measurement): string {
  const ratios = [m.ratio_min, m.ratio_median, m.ratio_max].map((ratio) => ratio?.toFixed(2) ?? "-");
  return row([m.case, m.unit, amount(m.ours), m.peer === null ? "-" : amount(m.peer), ...ratios]);
}

/** Names to the left, numbers to the right. */
function row([name, unit, ...numbers]: readonly string[]): string {
  return [name.padEnd(28), unit.padEnd(8), ...numbers.map((text) => text.padStart(10))].join(" ");
}

/** Three digits or more: "0.0123", "12.3", "1,234"; two below a hundredth. */
function amount(value: number): string {
  if (value > 0 && value < 0.01) return value.toPrecision(2);
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 4;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

/** What lies beyond a thousandth is noise, or beyond three digits of what is smaller than 1. */
function rounded(_key: string, value: unknown): unknown {
  if (typeof value !== "number" || !Number.isFinite(value)) return value;
  return Math.abs(value) < 1 ? Number(value.toPrecision(3)) : Math.round(value * 1000) / 1000;
}
