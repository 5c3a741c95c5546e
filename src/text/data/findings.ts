/** Places in a file where something is to be said: how many there are, and the first few. */

/** A count and its first lines, each with that of the row it repeats where there is one. */
export interface LineSample {
  rows: number;
  examples: { line: number; first?: number }[];
}

/** A count and what the first ones are, for people. */
export interface ProblemSample {
  count: number;
  examples: { line: number; reason: string }[];
}

/** Lines kept of each kind of finding. */
const LINES_KEPT = 5;

export class Findings {
  readonly report: LineSample = { rows: 0, examples: [] };

  add(line: number, first?: number): void {
    this.report.rows++;
    if (this.report.examples.length < LINES_KEPT)
      this.report.examples.push(first === undefined ? { line } : { line, first });
  }
}

/** Of problems that are all known, the first few. */
export function sampleOf(problems: readonly { line: number; reason: string }[]): ProblemSample {
  const examples = problems.slice(0, LINES_KEPT).map(({ line, reason }) => ({ line, reason }));
  return { count: problems.length, examples };
}
