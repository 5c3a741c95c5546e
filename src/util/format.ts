/** Numbers as people read them, the same on a terminal and in a report; and what they count. */

/** What a row of each task's data is. */
export const UNITS = {
  "text-classification": "row",
  "token-classification": "sentence",
  "question-answering": "question",
} as const;

/** "45 s", "1 min 20 s", "2 h 5 min". */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 === 0 ? "" : ` ${whole % 60} s`}`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? "" : ` ${minutes % 60} min`}`;
}

/** "0.021 s", "1.8 s" where whole seconds say too little. */
export function formatSeconds(seconds: number): string {
  if (seconds < 1) return `${Number(seconds.toPrecision(2))} s`;
  return seconds < 9.95 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
}

/** "8,551". */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** "1 row", "8,551 rows". */
export function formatPlural(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** "45.0 MB", in powers of ten. */
export function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** "182 MB", "1.3 GB". */
export function formatMemory(bytes: number): string {
  return bytes < 999.5e6 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Three digits: "0.412", "12.3", "4.1e-5". */
export function formatLoss(loss: number): string {
  if (!Number.isFinite(loss)) return "not a number";
  const size = Math.abs(loss);
  if (size !== 0 && size < 0.001) return formatRate(loss);
  return loss.toFixed(size < 10 ? 3 : 1);
}

/** A learning rate: "5e-5", "4.1e-5". */
export function formatRate(rate: number): string {
  if (rate === 0 || rate >= 0.01) return String(Number(rate.toPrecision(2)));
  return rate.toExponential(1).replace(".0e", "e");
}

/** A metric: "0.4510"; correlations of constant predictions have no value. */
export function formatMetric(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : "undefined";
}

/** A metric by its name: of SQuAD's, some are counts. */
export function formatNamedMetric(name: string, value: number): string {
  return name.endsWith("_total") ? formatCount(value) : formatMetric(value);
}

/** Epochs done: "3", "2.41". */
export function formatEpoch(epoch: number): string {
  return Number.isInteger(epoch) ? `${epoch}` : epoch.toFixed(2);
}
