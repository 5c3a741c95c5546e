/** What the figures were made on, and whether it was quiet. */
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** Above this share of the processors' time, what others do is part of the figures. */
const QUIET_SHARE = 0.05;
const SAMPLE_MS = 1000;

export interface Machine {
  /** Such as `Intel Xeon, 2 cores, 25 GB of memory, Node 20.20.2; load average 0.3`. */
  readonly line: string;
  /** Says so where the machine is not quiet. */
  readonly warning?: string;
}

/** Watches the processors for a second while this process does nothing. */
export async function describeMachine(): Promise<Machine> {
  const share = await busyShare(SAMPLE_MS);
  const threads = availableParallelism();
  const memory = Math.round(totalmem() / 1e9);
  const model = cpus()[0]?.model.trim() || process.arch;
  const load = loadavg()[0].toFixed(2);
  return {
    line: `${model}, ${threads} cores, ${memory} GB of memory, ${process.platform}, Node ${process.versions.node}; load average ${load}`,
    warning: share > QUIET_SHARE ? warningOf(share) : undefined,
  };
}

function warningOf(share: number): string {
  const percent = Math.round(100 * share);
  return `Warning: other programs use ${percent} % of the processors; wait until they are done for figures that hold.`;
}

/** Share of all processors' time that was not idle. */
async function busyShare(ms: number): Promise<number> {
  const before = processorTimes();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = processorTimes();
  const all = after.all - before.all;
  return all > 0 ? 1 - (after.idle - before.idle) / all : 0;
}

function processorTimes(): { idle: number; all: number } {
  let [idle, all] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, all };
}
