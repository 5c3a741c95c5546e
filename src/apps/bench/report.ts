/** What the bench prints, and its JSON file. */
import { appendFileSync, writeFileSync } from "node:fs";
import type { Writable } from "node:stream";
import { InputError } from "../../util/errors.ts";
import type { Measurement } from "./statistics.ts";

/** Receives measurements as they are made. */
export class Report {
  readonly #stdout: Writable;
  readonly #jsonFile: string | undefined;

  /** `jsonFile` is emptied now, so that a place that cannot be written is not found after minutes. */
  constructor(stdout: Writable, jsonFile?: string) {
    this.#stdout = stdout;
    this.#jsonFile = jsonFile;
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

  /** `note` says more of the case, such as the peer's way of attention. */
  add(measurement: Measurement, note = ""): void {
    this.note(measurementLine(measurement, note));
    if (this.#jsonFile !== undefined)
      appendFileSync(this.#jsonFile, `${JSON.stringify(measurement, rounded)}\n`);
  }
}

function measurementLine(m: Measurement, note: string): string {
  const parts = [m.case.padEnd(16), `ours ${amount(m.ours)} ${m.unit}`.padEnd(20)];
  if (m.peer !== null) {
    const ratios = [m.ratio_min, m.ratio_median, m.ratio_max].map((ratio) => ratio?.toFixed(2));
    parts.push(`peer ${amount(m.peer)} ${m.unit}`.padEnd(20));
    parts.push(`ratio min ${ratios[0]}, median ${ratios[1]}, max ${ratios[2]}`);
  }
  if (note !== "") parts.push(`(${note})`);
  return parts.join("  ").trimEnd();
}

/** Three digits or more: "0.0123", "12.3", "1,234". */
function amount(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2 });
}

/** What lies beyond a thousandth is noise. */
function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1000) / 1000 : value;
}
