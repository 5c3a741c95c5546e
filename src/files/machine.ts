/** What the machine has: memory and threads, as a container's limits leave them. */
import { availableParallelism, totalmem } from "node:os";

/** Bytes of memory that this process may use: the machine's, or the container's limit where that is lower. */
export function memoryLimit(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  // Without a limit the system reports one beyond any machine.
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}

export const defaultThreads = availableParallelism;

/** Peak resident memory of this process so far, in 10^6 bytes. */
export function peakMemoryMb(): number {
  return Math.round((process.resourceUsage().maxRSS * 1024) / 1e6);
}
