/** The event file against one that TensorBoard's own writer recorded. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { LogLine } from "./log-line.ts";
import { TensorBoardLog } from "./tensorboard.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bertwright-events-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const RECORDED = readFileSync(join(import.meta.dirname, "../../../test/fixtures/tensorboard.tfevents"));
const now = () => 1000.5;

const step = (number: number, loss: number): LogLine => ({
  ...{ type: "step", step: number, epoch: 0.25, loss, grad_norm: 2, learning_rate: 0.1 },
  ...{ tokens_per_second: 9, seconds: 3 },
});
const evaluation: LogLine = {
  ...{ type: "evaluation", step: 300, epoch: 1, seconds: 3, eval_accuracy: 0.75, eval_f1: 0 },
  ...{ metric: "accuracy", baseline: 0.5, best: true },
};

it("is the same, byte for byte", () => {
  const log = new TensorBoardLog(folder, { resumedFrom: 6, now });
  for (const line of [step(7, 0.5), step(300, -1e-30), evaluation]) log.add(line);
  log.close();
  expect(readFileSync(join(folder, "events.out.tfevents.1000500.bertwright")).equals(RECORDED)).toBe(true);
});

it("of a run that was not resumed forgets nothing", () => {
  const log = new TensorBoardLog(folder, { now });
  log.add(step(7, 0.5));
  log.close();
  const [whole, fresh] = [RECORDED, readFileSync(join(folder, "events.out.tfevents.1000500.bertwright"))];
  // The version, then the first step: what lies between them tells of a start.
  const version = 16 + Number(fresh.readBigUInt64LE(0));
  const start = version + 16 + Number(whole.readBigUInt64LE(version));
  expect(fresh.subarray(0, version).equals(whole.subarray(0, version))).toBe(true);
  expect(fresh.subarray(version).equals(whole.subarray(start, start + fresh.length - version))).toBe(true);
});
