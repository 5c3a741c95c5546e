/** That cuts of the power find what is wrong: a run whose flushes are left out, or which renames first, is caught. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DiskOp } from "./disk-log.ts";
import { type RecordedRun, recordRun, tryPowerCuts } from "./power.ts";
import { Subject } from "./subject.ts";
import { writeTinyModel } from "./tiny-model.ts";

const folder = mkdtempSync(join(tmpdir(), "power-"));
afterAll(() => rmSync(folder, { recursive: true }));

let record: RecordedRun;
let subject: Subject;
beforeAll(async () => {
  subject = new Subject(writeTinyModel(join(folder, "model")));
  record = await recordRun(subject, join(folder, "recorded"));
});

/** Up to the end of the second checkpoint's save, as if `change` had been made to the code that saves. */
function tryChanged(change: (ops: DiskOp[]) => DiskOp[]): Promise<number> {
  const saved = record.ops.findIndex((op) => op.type === "mark" && op.name === "4");
  const ops = change(record.ops.slice(0, saved + 1));
  return tryPowerCuts({ ...record, ops }, subject, { folder, seed: 1, quick: false });
}

/** The rename that gives the second checkpoint its name. */
function lastRename(ops: readonly DiskOp[]) {
  const at = ops.findLastIndex((op) => op.type === "move" && op.to.name === "step-4");
  const op = ops[at];
  if (op?.type !== "move") throw new Error("no checkpoint was renamed");
  return { at, op };
}

it.each<[string, (ops: DiskOp[]) => DiskOp[]]>([
  [
    "does not flush files",
    (ops) => {
      const { node } = lastRename(ops).op;
      const inside = ops.flatMap((op) => (op.type === "link" && op.folder === node ? [op.node] : []));
      return ops.filter((op) => op.type !== "syncFile" || !inside.includes(op.file));
    },
  ],
  [
    "does not flush the new folder",
    (ops) => {
      const { node } = lastRename(ops).op;
      return ops.filter((op) => op.type !== "syncFolder" || op.folder !== node);
    },
  ],
  [
    "does not flush the folder above",
    (ops) => {
      const { folder: above } = lastRename(ops).op.to;
      return ops.filter((op) => op.type !== "syncFolder" || op.folder !== above);
    },
  ],
  [
    "renames first",
    (ops) => {
      const { at, op } = lastRename(ops);
      const made = ops.findIndex((other) => other.type === "link" && other.node === op.node);
      return [...ops.slice(0, made + 1), op, ...ops.slice(made + 1, at), ...ops.slice(at + 1)];
    },
  ],
])("a save that %s is caught", async (_what, change) => {
  await expect(tryChanged(change)).rejects.toThrow(/^power cut after \d+ of \d+ ops: /);
  rmSync(join(folder, "state"), { recursive: true });
});
