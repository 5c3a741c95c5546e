/** What the processor can do, as far as the system tells without loading anything. */
import { readFileSync } from "node:fs";

/** Flags of Linux: x64's two sets of bf16 products (vectors, tiles), and Arm's. */
const BF16_FLAGS = ["avx512_bf16", "amx_bf16", "bf16"];

/**
 * Whether the processor has instructions that multiply bf16 numbers; undefined where the system does not say, as
 * anywhere but on Linux. `cpuInfo` is the text of /proc/cpuinfo; default this machine's.
 */
export function processorHasBf16(cpuInfo = readCpuInfo()): boolean | undefined {
  // "flags : fpu vme …" on x64, "Features : fp asimd …" on Arm, once a core; all cores have the same.
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuInfo)?.[1].trim().split(/\s+/);
  return flags && BF16_FLAGS.some((flag) => flags.includes(flag));
}

function readCpuInfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return "";
  }
}
