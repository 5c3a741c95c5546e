/** The real disk that tells each call, such as `rename a* a`, before it is made; what is thrown then is the call's. */
import { basename } from "node:path";
import { currentDisk, type Disk, withDisk } from "../../src/files/disk.ts";

/** ".model.123-0a1b.tmp" as "model*": temporary names are new each time. */
const short = (path: string) => basename(path).replace(/^\.(.+)\.\d+-[0-9a-f]+\.tmp$/, "$1*");

export function watchedDisk(onCall: (call: string) => void): Disk {
  const disk = currentDisk();
  const told = async <T>(call: string, make: () => Promise<T>): Promise<T> => {
    onCall(call);
    return make();
  };
  return {
    create: (path) =>
      told(`create ${short(path)}`, async () => {
        const file = await disk.create(path);
        return {
          write: (bytes) => told(`write ${short(path)}`, () => file.write(bytes)),
          sync: () => told(`sync ${short(path)}`, () => file.sync()),
          // Closed it is either way, as with the system's.
          close: async () => {
            await file.close();
            onCall(`close ${short(path)}`);
          },
        };
      }),
    rename: (from, to) => told(`rename ${short(from)} ${short(to)}`, () => disk.rename(from, to)),
    remove: (path) => told(`remove ${short(path)}`, () => disk.remove(path)),
    makeFolder: (path) => told(`makeFolder ${short(path)}`, () => disk.makeFolder(path)),
    list: (path) => told(`list ${short(path)}`, () => disk.list(path)),
    syncFolder: (path) => told(`syncFolder ${short(path)}`, () => disk.syncFolder(path)),
  };
}

/** The calls that `save` makes. */
export async function callsOf(save: () => Promise<void>): Promise<string[]> {
  const calls: string[] = [];
  await withDisk(
    watchedDisk((call) => calls.push(call)),
    save,
  );
  return calls;
}

/** Makes the call of this number, from 0, fail with `code`. */
export function failingDisk(number: number, code: string): Disk {
  let count = 0;
  return watchedDisk(() => {
    if (count++ === number) throw Object.assign(new Error(code), { code });
  });
}
