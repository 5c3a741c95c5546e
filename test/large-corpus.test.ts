/** Corpora that memory has no room for: their rows go to scratch files, train to the same bits, and leave nothing. */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ScratchFiles } from "../src/files/scratch-files.ts";
import { evaluate, type FineTuneOptions, fineTune, type TaskTag } from "../src/node.ts";
import { refusal } from "./helpers/refusal.ts";
import { openDescriptors } from "./helpers/scratch.ts";
import { ENOUGH, makeFolder, pairRows, sentimentRows, taggedRows } from "./helpers/tiny-runs.ts";
import { questionRows, taggedSentences } from "./helpers/token-level.ts";

let folder: ReturnType<typeof makeFolder>;
let scratch: string;
beforeAll(() => {
  folder = makeFolder();
  scratch = folder.path("bertwright", "scratch");
  mkdirSync(scratch, { recursive: true });
});
afterAll(() => folder.remove());

const created = vi.spyOn(ScratchFiles.prototype, "create");
beforeEach(() => {
  vi.stubEnv("TMPDIR", ""); // where native libraries have files, too
  vi.stubEnv("XDG_CACHE_HOME", folder.path());
  created.mockClear();
});
afterEach(() => {
  vi.unstubAllEnvs();
  limit?.mockRestore();
});

let limit: { mockRestore(): void } | undefined;
function keepNothingInMemory(): void {
  limit = vi.spyOn(ScratchFiles.prototype, "mostInMemory", "get").mockReturnValue(0);
}

/** Neither a name nor an open file is left. */
function expectNothingLeft(): void {
  expect(readdirSync(scratch)).toEqual([]);
  expect(openDescriptors(scratch) ?? 0).toBe(0);
}

/** Rows of each kind; how many files their training and validation rows take, and the logits of the latter at the end. */
const CASES: [name: string, task: TaskTag, rows: FineTuneOptions["train"], files: number][] = [
  ["texts", "text-classification", sentimentRows(40), 3],
  ["pairs", "text-classification", pairRows(40), 3],
  ["several labels", "text-classification", taggedRows(40), 3],
  ["tags", "token-classification", taggedSentences(40), 5],
  ["questions", "question-answering", questionRows(40), 3],
];

async function train(
  name: string,
  options: Partial<FineTuneOptions> & Pick<FineTuneOptions, "train" | "task">,
) {
  const losses: number[] = [];
  const onEvent: FineTuneOptions["onEvent"] = (event) => {
    if (event.type === "step") losses.push(event.loss);
  };
  const output = folder.path(name);
  const common = {
    ...ENOUGH,
    model: folder.model,
    dropout: 0.1,
    maxSteps: 7,
    overwrite: true,
    output,
    onEvent,
  };
  const { metrics } = await fineTune({ ...common, validation: options.train, ...options });
  return { losses, metrics, weights: readFileSync(folder.path(name, "model.safetensors")) };
}

describe.each(CASES)("%s", (name, task, rows, files) => {
  it("train and score to the same bits from files as from memory", async () => {
    const memory = await train(`${name} in memory`, { task, train: rows });
    expect(created).toHaveBeenCalledTimes(1); // for the best weights
    created.mockClear();
    keepNothingInMemory();
    const disk = await train(`${name} on disk`, { task, train: rows });
    expect(created).toHaveBeenCalledTimes(files + 1);
    expect(memory.losses.length).toBe(7);
    expect(disk).toEqual(memory);
    const { metrics } = await evaluate({ model: folder.path(`${name} on disk`), data: rows, threads: 1 });
    expect(created.mock.calls.length).toBeGreaterThan(files + 1);
    expect(metrics).toEqual(memory.metrics);
    expectNothingLeft();
  });
});

describe("nothing stays", () => {
  beforeEach(keepNothingInMemory);
  const [, , rows] = CASES[0];

  it("while the training goes on, for a process that is killed", async () => {
    let [names, open]: [string[], number | undefined] = [["none"], undefined];
    const onEvent: FineTuneOptions["onEvent"] = ({ type }) => {
      if (type === "step") [names, open] = [readdirSync(scratch), openDescriptors(scratch)];
    };
    await train("watched", { task: "text-classification", train: rows, onEvent });
    expect(names).toEqual([]);
    expect(open ?? 3).toBe(3);
    expectNothingLeft();
  });

  it("after an abort", async () => {
    const abort = new AbortController();
    const onEvent: FineTuneOptions["onEvent"] = ({ type }) => type === "step" && abort.abort();
    const { signal } = abort;
    const options = { task: "text-classification", train: rows, onEvent, signal } as const;
    await expect(train("aborted", options)).rejects.toThrow("aborted");
    expect(created).toHaveBeenCalledTimes(2);
    expectNothingLeft();
  });

  it("after a row that is refused", async () => {
    const bad = [...sentimentRows(20), { text: "no label" }];
    await refusal(train("refused", { task: "text-classification", train: bad }));
    expect(created).toHaveBeenCalledTimes(1);
    await refusal(evaluate({ model: folder.path("watched"), data: bad, threads: 1 }));
    expect(created).toHaveBeenCalledTimes(2);
    expectNothingLeft();
  });
});
