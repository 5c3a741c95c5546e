/** Scratch files that are still open, though they have no name. */
import { readdirSync, readlinkSync } from "node:fs";

/** Files in `folder` that this process has open, nameless ones included; undefined where the system does not say. */
export function openDescriptors(folder: string): number | undefined {
  if (process.platform !== "linux") return undefined;
  const targets = readdirSync("/proc/self/fd").map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      return ""; // the one that the listing itself had open
    }
  });
  return targets.filter((target) => target.startsWith(folder)).length;
}
