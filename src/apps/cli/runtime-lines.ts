/** Runtimes as `runtimes` and `doctor` list them. */
import type { RuntimeReport } from "./library.ts";

/** A line each: what it offers or why it cannot be used; below it where it lies and what to do. */
export function runtimeLines(runtimes: RuntimeReport["runtimes"]): string[] {
  return runtimes.flatMap((runtime) => {
    const { name, available, version, location, problem, advice } = runtime;
    const state = available ? [version, products(runtime)].filter(Boolean).join(", ") : problem;
    return [`  ${name}: ${state}`, ...[location, advice].flatMap((line) => (line ? [`    ${line}`] : []))];
  });
}

function products({ precisions, bf16Speed }: RuntimeReport["runtimes"][number]): string {
  const speed = bf16Speed === undefined ? "" : ` (${bf16Speed} times as fast)`;
  return precisions.join(" and ") + speed;
}
