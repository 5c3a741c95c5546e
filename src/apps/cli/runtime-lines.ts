/** Runtimes as `runtimes` and `doctor` list them. */
import type { RuntimeReport } from "./library.ts";

/** A line each: what it offers or why it cannot be used; below it where it lies and what to do. */
export function runtimeLines(runtimes: RuntimeReport["runtimes"]): string[] {
  return runtimes.flatMap(({ name, available, version, location, problem, advice, precisions }) => {
    const state = available ? [version, precisions.join(" and ")].filter(Boolean).join(", ") : problem;
    return [`  ${name}: ${state}`, ...[location, advice].flatMap((line) => (line ? [`    ${line}`] : []))];
  });
}
