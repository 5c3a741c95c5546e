/** `--suite saves`: a checkpoint written, which the steps wait for, against a plain write of its bytes; and read back. */
import { randomFillSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CheckpointFolder,
  firstState,
  type LoadedRuntime,
  ScratchFiles,
  WeightsCopy,
} from "../../internals.ts";
import { benchConfig, createOurModel, SIZES } from "./our-step.ts";
import type { Report } from "./report.ts";
import { compare, takeTurns } from "./statistics.ts";

const LARGEST = { B: 8, S: 32, T: 8 * 32, G: 8 };
const WRITE_BYTES = 8 * 2 ** 20;

/** Saves into the system's folder for temporary files (TMPDIR). */
export async function benchSaves(
  { turns, runtime }: { turns: number; runtime: LoadedRuntime },
  report: Report,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bertwright-saves-"));
  const scratch = new ScratchFiles(folder);
  try {
    for (const [name, size] of Object.entries(SIZES)) {
      const { store } = await createOurModel(benchConfig(size), [LARGEST], runtime);
      const numbers = store.parameters.reduce((sum, { weight }) => sum + weight.length, 0);
      // Weights, both moments, and the weights of the best evaluation.
      const bytes = 4 * 4 * numbers;
      const checkpoints = await CheckpointFolder.open(join(folder, name), 0);
      const copy = new WeightsCopy(store, scratch, (event) => {
        if (event.type === "warning") report.note(event.message);
      });
      await copy.take();
      const write = (step: number) =>
        checkpoints.write(
          store,
          { state: { ...firstState(), step }, best: copy.tensors(), ground: {} },
          { limit: 1, emit: () => {} },
        );
      const readBack: number[] = [];
      const save = async (step: number) => {
        const seconds = await secondsOf(() => write(step));
        readBack.push(await secondsOf(() => checkpoints.settle()));
        return seconds;
      };
      const plain = () => secondsOf(() => writePlain(join(folder, "plain"), bytes));
      const [ours, peer] = await takeTurns(turns, [(turn) => save(turn + 1), plain]);
      const megabytes = Math.round(bytes / 1e6).toLocaleString("en-US");
      const note = `${turns} turns; ${megabytes} MB: weights, moments, best weights; the peer is a plain write and flush`;
      report.add(compare(`save-${name}`, "s", ours, peer), note);
      const beside = "beside the steps that follow: the file read back, the one before removed";
      report.add(compare(`save-${name}-confirm`, "s", readBack, undefined), beside);
      copy.drop();
    }
  } finally {
    scratch.close();
    rmSync(folder, { recursive: true });
  }
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** In place of the file that the turn before wrote, as a save takes the place of the one before. */
async function writePlain(path: string, bytes: number): Promise<void> {
  rmSync(path, { force: true });
  const file = await open(path, "w");
  // Blocks of zeros may never reach the disk.
  const part = randomFillSync(new Uint8Array(WRITE_BYTES));
  for (let left = bytes; left > 0; left -= part.length)
    await file.write(part, 0, Math.min(left, part.length));
  await file.sync();
  await file.close();
}
