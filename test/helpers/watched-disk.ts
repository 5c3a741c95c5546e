/** The calls of a save as text, such as `rename a* a`, and a disk that fails in one of them. */
import { basename } from "node:path";
import { type Disk, withDisk } from "../../src/files/disk.ts";
import { type DiskCall, watchedDisk } from "../../src/files/watched-disk.ts";

/** ".model.123-0a1b.tmp" as "model*": temporary names are new each time. */
const short = (path: string) => basename(path).replace(/^\.(.+)\.\d+-[0-9a-f]+\.tmp$/, "$1*");

const textOf = ({ kind, path, to }: DiskCall) =>
  [kind, short(path), ...(to === undefined ? [] : [short(to)])].join(" ");

/** The calls that `save` makes. */
export async function callsOf(save: () => Promise<void>): Promise<string[]> {
  const calls: string[] = [];
  const disk = watchedDisk((call, make) => {
    calls.push(textOf(call));
    return make();
  });
  await withDisk(disk, save);
  return calls;
}

/** Makes the call of this number, from 0, fail with `code`. */
export function failingDisk(number: number, code: string): Disk {
  let count = 0;
  return watchedDisk(async (_call, make) => {
    if (count++ === number) throw Object.assign(new Error(code), { code });
    return make();
  });
}
