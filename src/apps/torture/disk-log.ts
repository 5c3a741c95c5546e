/**
 * What a save asks of a disk, in the terms of a file system: files and folders are numbers, names lead to them, and a
 * flush is of one file or of the names in one folder.
 */
import { relative, sep } from "node:path";
import { type Disk, type DiskCall, watchedDisk } from "../../internals.ts";

export type DiskOp =
  /** A name for a new file or a new, empty folder. */
  | ({ readonly type: "link"; readonly node: number; readonly isFolder: boolean } & Place)
  /** A name goes, another leads to what it led to. */
  | { readonly type: "move"; readonly from: Place; readonly to: Place; readonly node: number }
  | ({ readonly type: "unlink" } & Place)
  /** Bytes at a file's end. */
  | { readonly type: "write"; readonly file: number; readonly bytes: Uint8Array }
  | { readonly type: "syncFile"; readonly file: number }
  | { readonly type: "syncFolder"; readonly folder: number }
  /** What the process knew by then, such as the end of a save. */
  | { readonly type: "mark"; readonly name: string };

export interface Place {
  readonly folder: number;
  readonly name: string;
}

/** The number of the folder that all names begin in. */
export const ROOT = 0;

/** Records the calls that go through `disk` below the folder `root`, which is empty. */
export class DiskLog {
  readonly ops: DiskOp[] = [];
  readonly disk: Disk;
  readonly #root: string;
  /** Names in each folder. */
  readonly #folders = new Map<number, Map<string, number>>([[ROOT, new Map()]]);
  /** Files that are open for writing, by the path they were made at. */
  readonly #open = new Map<string, number>();
  #nodes = ROOT;

  constructor(root: string) {
    this.#root = root;
    this.disk = watchedDisk(async (call, make) => {
      const bytes = call.bytes && new Uint8Array(call.bytes); // before the caller changes them
      const result = await make();
      this.#record(call, bytes?.subarray(0, Number(result)));
      return result;
    });
  }

  mark(name: string): void {
    this.ops.push({ type: "mark", name });
  }

  #record({ kind, path, to }: DiskCall, bytes: Uint8Array | undefined): void {
    if (kind === "create" || kind === "makeFolder") this.#link(path, kind === "makeFolder");
    else if (kind === "write") this.ops.push({ type: "write", file: this.#open.get(path)!, bytes: bytes! });
    else if (kind === "sync") this.ops.push({ type: "syncFile", file: this.#open.get(path)! });
    else if (kind === "close") this.#open.delete(path);
    else if (kind === "rename") this.#move(path, to!);
    else if (kind === "remove") this.#unlink(path);
    else if (kind === "syncFolder") this.#syncFolder(path);
  }

  #link(path: string, isFolder: boolean): void {
    const place = this.#place(path);
    const node = ++this.#nodes;
    this.#names(place.folder).set(place.name, node);
    if (isFolder) this.#folders.set(node, new Map());
    else this.#open.set(path, node);
    this.ops.push({ type: "link", ...place, node, isFolder });
  }

  #move(path: string, target: string): void {
    const [from, to] = [this.#place(path), this.#place(target)];
    const node = this.#names(from.folder).get(from.name);
    if (node === undefined) throw new Error(`internal: ${path} was renamed and is not in the log`);
    this.#names(from.folder).delete(from.name);
    this.#names(to.folder).set(to.name, node);
    this.ops.push({ type: "move", from, to, node });
  }

  /** One op for each name that goes, the deepest first; what never was in the log is left out. */
  #unlink(path: string): void {
    const place = this.#place(path);
    const node = this.#names(place.folder).get(place.name);
    if (node === undefined) return;
    for (const name of this.#folders.get(node)?.keys() ?? []) this.#unlink(`${path}${sep}${name}`);
    this.#names(place.folder).delete(place.name);
    this.ops.push({ type: "unlink", ...place });
  }

  #syncFolder(path: string): void {
    const parts = this.#parts(path);
    // What lies outside was there before, and stays.
    if (parts[0] === "..") return;
    this.ops.push({ type: "syncFolder", folder: this.#find(parts, path) });
  }

  #place(path: string): Place {
    const parts = this.#parts(path);
    return { name: parts.pop()!, folder: this.#find(parts, path) };
  }

  #parts(path: string): string[] {
    return relative(this.#root, path).split(sep).filter(Boolean);
  }

  #find(parts: readonly string[], path: string): number {
    let node: number | undefined = ROOT;
    for (const part of parts) node = this.#folders.get(node!)?.get(part);
    if (node === undefined) throw new Error(`internal: ${path} is not in the log`);
    return node;
  }

  #names(folder: number): Map<string, number> {
    return this.#folders.get(folder)!;
  }
}
