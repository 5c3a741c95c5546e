/** A disk with somebody before it, who is told each call of a save and makes it, in whole or in part, or fails it. */
import { currentDisk, type Disk } from "./disk.ts";

export interface DiskCall {
  readonly kind:
    | "create"
    | "write"
    | "sync"
    | "close"
    | "rename"
    | "remove"
    | "makeFolder"
    | "list"
    | "syncFolder";
  readonly path: string;
  /** The new name of what is renamed. */
  readonly to?: string;
  /** What is to be written. */
  readonly bytes?: Uint8Array;
}

/** `make` makes the call, and of a write only `part` where that is given; what is thrown is the call's error. */
export type Watcher = <T>(call: DiskCall, make: (part?: Uint8Array) => Promise<T>) => Promise<T>;

/** The present disk with `watch` before it. */
export function watchedDisk(watch: Watcher): Disk {
  const disk = currentDisk();
  return {
    create: (path) =>
      watch({ kind: "create", path }, async () => {
        const file = await disk.create(path);
        return {
          write: (bytes) => watch({ kind: "write", path, bytes }, (part = bytes) => file.write(part)),
          sync: () => watch({ kind: "sync", path }, () => file.sync()),
          // Closed it is either way, as with the system's.
          close: async () => {
            await file.close();
            await watch({ kind: "close", path }, async () => {});
          },
        };
      }),
    rename: (path, to) => watch({ kind: "rename", path, to }, () => disk.rename(path, to)),
    remove: (path) => watch({ kind: "remove", path }, () => disk.remove(path)),
    makeFolder: (path) => watch({ kind: "makeFolder", path }, () => disk.makeFolder(path)),
    list: (path) => watch({ kind: "list", path }, () => disk.list(path)),
    syncFolder: (path) => watch({ kind: "syncFolder", path }, () => disk.syncFolder(path)),
  };
}
