/**
 * What may be on a disk after a power cut, by what POSIX leaves to a file system (Pillai et al., "All File Systems Are
 * Not Created Equal", OSDI 2014): what was flushed is there. Of changes to names that were not, each is there or not by
 * itself, whatever came before it; a rename is one change. Of bytes that were not, any blocks may be missing: the file
 * ends before them, or they are zeros where a later one is there.
 */
import { uniform } from "../../util/random.ts";
import type { DiskOp } from "./disk-log.ts";
import { type DiskState, hashOfState, stateOf, type Written, writtenFiles } from "./disk-state.ts";

export interface PowerCut {
  /** What the process had done. */
  readonly made: readonly DiskOp[];
  readonly state: DiskState;
}

/** Such blocks reach the disk as a whole. */
const BLOCK = 4096;
/** So many changes of names are lost in all combinations; of more, some combinations are drawn. */
const MOST_COMBINED = 5;

/** What is left of a file whose bytes were not all flushed; `draw` gives numbers from 0 to 1. */
type Loss = (file: Written, draw: (i: number) => number) => Uint8Array;

const LOSSES: readonly Loss[] = [
  ({ bytes }) => bytes,
  ({ bytes, flushed }) => bytes.subarray(0, flushed),
  ({ bytes, flushed }, draw) => bytes.subarray(0, flushed + Math.floor(draw(0) * (bytes.length - flushed))),
  (file) => withoutBlocks(file, () => true),
  (file) => withoutBlocks(file, (block) => block === 0),
  (file, draw) => withoutBlocks(file, (block) => draw(block) < 0.5),
];

/** The different states that cuts after the ops leave: after every op, or each `every`th from the last one back. */
export function* powerCuts(
  ops: readonly DiskOp[],
  { seed, every = 1 }: { seed: number; every?: number },
): Generator<PowerCut> {
  const seen = new Set<string>();
  for (let count = ops.length; count > 0; count -= every) {
    const made = ops.slice(0, count);
    // The same state is another case once more was promised.
    const marks = made.filter(({ type }) => type === "mark").length;
    for (const state of statesAfter(made, seed)) {
      const key = `${marks} ${hashOfState(state)}`;
      if (!seen.has(key)) yield { made, state };
      seen.add(key);
    }
  }
}

function* statesAfter(made: readonly DiskOp[], seed: number): Generator<DiskState> {
  const files = writtenFiles(made);
  for (const [i, lost] of combinations(pendingNames(made), [seed, made.length]).entries()) {
    for (let j = 0; j < LOSSES.length; j++) {
      yield stateOf(made, lost, (number) => {
        const file = files.get(number)!;
        if (file.flushed === file.bytes.length) return file.bytes;
        // Of several files that were not flushed each has a loss of its own.
        return LOSSES[(j + i * number) % LOSSES.length](file, (k) =>
          uniform(seed, made.length, i, number, k),
        );
      });
    }
  }
}

/** Changes of names whose folder was not flushed since, by their place in `ops`. */
function pendingNames(ops: readonly DiskOp[]): number[] {
  const pending = new Map<number, number>();
  for (const [i, op] of ops.entries()) {
    if (op.type === "link" || op.type === "unlink") pending.set(i, op.folder);
    else if (op.type === "move") pending.set(i, op.to.folder);
    else if (op.type === "syncFolder") {
      for (const [change, folder] of pending) if (folder === op.folder) pending.delete(change);
    }
  }
  return [...pending.keys()];
}

/** What may be lost of `changes`: any of them; of many, none, all, all but one, one, and some that are drawn. */
function combinations(changes: readonly number[], words: readonly number[]): Set<number>[] {
  const without = (isLost: (i: number) => boolean) => new Set(changes.filter((_, i) => isLost(i)));
  const drawn = 2 ** MOST_COMBINED;
  if (changes.length <= MOST_COMBINED) {
    return Array.from({ length: 2 ** changes.length }, (_, set) => without((i) => (set >> i) % 2 === 1));
  }
  return [
    without(() => false),
    without(() => true),
    ...changes.flatMap((_, one) => [without((i) => i === one), without((i) => i !== one)]),
    ...Array.from({ length: drawn }, (_, draw) => without((i) => uniform(...words, draw, i) < 0.5)),
  ];
}

/** Of the blocks that hold bytes which were not flushed; what was, stays. */
function withoutBlocks({ bytes, flushed }: Written, isLost: (block: number) => boolean): Uint8Array {
  const left = bytes.slice();
  for (let start = flushed, block = 0; start < bytes.length; start += BLOCK, block++) {
    if (isLost(block)) left.fill(0, start, start + BLOCK);
  }
  return left;
}
