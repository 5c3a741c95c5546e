/** What the processor can do, as far as the system tells without loading anything. */
import { readFileSync } from "node:fs";

/** Flags of Linux: x64's two sets of bf16 products (vectors, tiles), and Arm's. */
const BF16_FLAGS = ["avx512_bf16", "amx_bf16", "bf16"];

/**
 * Whether the processor has instructions that multiply bf16 numbers; undefined where the system does not say, as
 * anywhere but on Linux. `cpuInfo` is the text of /proc/cpuinfo; default this machine's.
 */
export function processorHasBf16(cpuInfo = readCpuInfo()): boolean | undefined {
  const flags = flagsIn(cpuInfo);
  return flags && BF16_FLAGS.some((flag) => flags.includes(flag));
}

/** Whether it is one whose bf16 may be slower than its float32: Intel's, with bf16 in vectors and without tiles. */
export function bf16IsDoubtful(cpuInfo = readCpuInfo()): boolean {
  const flags = flagsIn(cpuInfo) ?? [];
  const isIntel = /^vendor_id\s*:\s*GenuineIntel$/m.test(cpuInfo);
  return isIntel && flags.includes("avx512_bf16") && !flags.includes("amx_bf16");
}

/** "flags : fpu vme …" on x64, "Features : fp asimd …" on Arm, once a core; all cores have the same. */
function flagsIn(cpuInfo: string): string[] | undefined {
  return /^(?:flags|Features)\s*:(.*)$/m.exec(cpuInfo)?.[1].trim().split(/\s+/);
}

function readCpuInfo(): string {
  try {
    return readFileSync("/proc/cpuinfo", "utf8");
  } catch {
    return "";
  }
}
