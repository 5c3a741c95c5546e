/** What the machine has: memory and threads, as a container's limits leave them, and what runs on it. */
import { availableParallelism, cpus, totalmem } from "node:os";

/** Bytes of memory that this process may use: the machine's, or the container's limit where that is lower. */
export function memoryLimit(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  // Without a limit the system reports one beyond any machine.
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}

/** Such as `linux x64`, and `20.19.0`. */
export const platform = `${process.platform} ${process.arch}`;
export const nodeVersion = process.versions.node;

/** Bytes of memory in the machine. */
export const machineMemory = totalmem;

/** The processor's name; undefined where the system does not say. */
export const processorName = (): string | undefined => cpus()[0]?.model.trim() || undefined;

export const defaultThreads = availableParallelism;

/** Bytes that this process holds in memory now, and the most that it has held so far. */
export const residentMemory = (): number => process.memoryUsage.rss();
export const peakMemory = (): number => process.resourceUsage().maxRSS * 1024;

/** Peak resident memory of this process so far, in 10^6 bytes. */
export function peakMemoryMb(): number {
  return Math.round(peakMemory() / 1e6);
}
