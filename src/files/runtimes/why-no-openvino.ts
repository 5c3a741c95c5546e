/** Why there is no OpenVINO on this machine, and what to do about it. */
import type { Environment } from "../hub/environment.ts";
import { openVinoDamage, VARIABLE } from "./openvino.ts";
import { openVinoWheel } from "./openvino-wheels.ts";

export interface Obstacle {
  /** One line without a full stop. */
  problem: string;
  /** Undefined where nothing helps. */
  advice?: string;
}

/** Why `findOpenVino` finds none. */
export async function whyNoOpenVino(env: Environment = process.env): Promise<Obstacle> {
  if (env[VARIABLE]) return { problem: `${VARIABLE}=${env[VARIABLE]} turns it off`, advice: "Unset it." };
  const problem = whyNoBuild();
  if (problem !== undefined) return { problem };
  const advice = "Install it: bertwright runtimes install openvino";
  return { problem: (await openVinoDamage(env)) ?? "not installed", advice };
}

/** What is known of a machine before anything is loaded; default this one. */
export interface Machine {
  platform: string;
  arch: string;
  /** Version of glibc; undefined where the system has another C library. */
  glibc?: string;
}

/** Why OpenVINO cannot be installed on `machine`; undefined where it can. */
export function whyNoBuild(machine: Machine = thisMachine()): string | undefined {
  const { platform, arch, glibc } = machine;
  const wheel = openVinoWheel(platform, arch);
  if (!wheel) return `OpenVINO has no build for ${platform} ${arch}`;
  if (wheel.glibc === undefined) return undefined;
  if (glibc === undefined) return "OpenVINO needs glibc, and this system has another C library";
  return olderThan(glibc, wheel.glibc)
    ? `OpenVINO needs glibc ${wheel.glibc} or newer, and this system has ${glibc}`
    : undefined;
}

export function thisMachine(): Machine {
  const { platform, arch } = process;
  if (platform !== "linux") return { platform, arch };
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return { platform, arch, glibc: header?.glibcVersionRuntime };
}

/** Versions as "2.28". */
function olderThan(version: string, other: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  const [otherMajor, otherMinor] = other.split(".").map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
