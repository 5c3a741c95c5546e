/** What a disk holds after the ops of a log, less those that were lost. */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DiskOp, ROOT } from "./disk-log.ts";

/** By path below the root: the bytes of a file, or undefined for a folder. */
export type DiskState = ReadonlyMap<string, Uint8Array | undefined>;

/** A file's bytes as the process wrote them, and how many of them were flushed. */
export interface Written {
  readonly bytes: Uint8Array;
  readonly flushed: number;
}

/** Of every file of the log, by its number. */
export function writtenFiles(ops: readonly DiskOp[]): Map<number, Written> {
  const parts = new Map<number, Uint8Array[]>();
  const flushed = new Map<number, number>();
  for (const op of ops) {
    if (op.type === "link" && !op.isFolder) parts.set(op.node, []);
    else if (op.type === "write") parts.get(op.file)!.push(op.bytes);
    else if (op.type === "syncFile") flushed.set(op.file, sizeOf(parts.get(op.file)!));
  }
  return new Map(
    [...parts].map(([file, all]) => [file, { bytes: joined(all), flushed: flushed.get(file) ?? 0 }]),
  );
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(sizeOf(parts));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

/** The names that are there where the changes of names in `lost`, by their place in `ops`, are; `bytesOf` has the files. */
export function stateOf(
  ops: readonly DiskOp[],
  lost: ReadonlySet<number>,
  bytesOf: (file: number) => Uint8Array,
): DiskState {
  const folders = new Map<number, Map<string, number>>([[ROOT, new Map()]]);
  for (const op of ops) if (op.type === "link" && op.isFolder) folders.set(op.node, new Map());
  for (const [i, op] of ops.entries()) {
    if (lost.has(i)) continue;
    if (op.type === "link") folders.get(op.folder)!.set(op.name, op.node);
    else if (op.type === "unlink") folders.get(op.folder)!.delete(op.name);
    else if (op.type === "move") {
      folders.get(op.from.folder)!.delete(op.from.name);
      folders.get(op.to.folder)!.set(op.to.name, op.node);
    }
  }
  const state = new Map<string, Uint8Array | undefined>();
  const walk = (folder: number, path: string): void => {
    for (const [name, node] of folders.get(folder)!) {
      state.set(`${path}${name}`, folders.has(node) ? undefined : bytesOf(node));
      if (folders.has(node)) walk(node, `${path}${name}/`);
    }
  };
  walk(ROOT, "");
  return state;
}

/** The same for equal states alone. */
export function hashOfState(state: DiskState): string {
  const hash = createHash("sha256");
  for (const [path, bytes] of [...state].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\0${bytes?.length}\0`).update(bytes ?? "");
  }
  return hash.digest("hex");
}

/** Writes the state below `root`. */
export function writeState(state: DiskState, root: string): void {
  for (const [path, bytes] of state) {
    if (bytes === undefined) mkdirSync(join(root, path), { recursive: true });
    else {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), bytes);
    }
  }
}
