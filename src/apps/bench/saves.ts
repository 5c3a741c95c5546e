/** `--suite saves`: a checkpoint written, read back and put in place of the one before, against a plain write of its bytes. */
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CheckpointFolder, firstState } from "../../internals.ts";
import type { Runtime } from "../../node.ts";
import { benchConfig, createOurModel, SIZES } from "./our-step.ts";
import type { Report } from "./report.ts";
import { compare, takeTurns } from "./statistics.ts";

const LARGEST = { B: 8, S: 32, T: 8 * 32 };
const WRITE_BYTES = 8 * 2 ** 20;

/** Saves into the system's folder for temporary files (TMPDIR). */
export async function benchSaves(
  { turns, runtime }: { turns: number; runtime: Runtime },
  report: Report,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "bertwright-saves-"));
  try {
    for (const [name, size] of Object.entries(SIZES)) {
      const { store } = await createOurModel(benchConfig(size), [LARGEST], runtime);
      const numbers = store.parameters.reduce((sum, { weight }) => sum + weight.length, 0);
      // Weights, both moments, and the weights of the best evaluation.
      const bytes = 4 * 4 * numbers;
      const checkpoints = await CheckpointFolder.open(join(folder, name), 0);
      const best = store.snapshot();
      const save = (step: number) =>
        checkpoints.save(
          store,
          { state: { ...firstState(), step }, best, ground: {} },
          { limit: 1, emit: () => {} },
        );
      const [ours, plain] = await takeTurns(turns, [
        (turn) => secondsOf(() => save(turn + 1)),
        () => secondsOf(() => writePlain(join(folder, "plain"), bytes)),
      ]);
      const megabytes = Math.round(bytes / 1e6).toLocaleString("en-US");
      const note = `${turns} turns; ${megabytes} MB: weights, moments, best weights; the peer is a write and flush of zeros`;
      report.add(compare(`save-${name}`, "s", ours, plain), note);
    }
  } finally {
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
  const part = new Uint8Array(WRITE_BYTES);
  for (let left = bytes; left > 0; left -= part.length)
    await file.write(part, 0, Math.min(left, part.length));
  await file.sync();
  await file.close();
}
