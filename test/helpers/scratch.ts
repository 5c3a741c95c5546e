/** Scratch files that are still open, though they have no name. */
import { readdirSync, readlinkSync, statSync } from "node:fs";

/** Sizes of the files in `folder` that this process has open, nameless ones included; undefined where the system does not say. */
export function openSizes(folder: string): number[] | undefined {
  if (process.platform !== "linux") return undefined;
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    const path = `/proc/self/fd/${descriptor}`;
    try {
      return readlinkSync(path).startsWith(folder) ? [statSync(path).size] : [];
    } catch {
      return []; // the one that the listing itself had open
    }
  });
}

/** How many they are. */
export function openDescriptors(folder: string): number | undefined {
  return openSizes(folder)?.length;
}
