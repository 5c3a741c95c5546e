/** `validationSplit` and `fraction` in real runs: which rows are learned from and measured on. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FineTuneOptions, fineTune, type TextRow, type TrainingEvent } from "../src/node.ts";
import { APPLICATIONS } from "../src/training/applications/index.ts";
import { selectRows, withRepeatableRows } from "../src/training/select-rows.ts";
import { refusal } from "./helpers/refusal.ts";
import { makeFolder, sentimentRows } from "./helpers/tiny-runs.ts";

let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

type DataEvent = Extract<TrainingEvent, { type: "data" }>;

/** What a run of one step says of its data. */
async function dataOf(options: Partial<FineTuneOptions>): Promise<DataEvent[]> {
  const events: DataEvent[] = [];
  await fineTune({
    ...{
      task: "text-classification",
      model: folder.model,
      train: sentimentRows(40),
      maxSteps: 1,
      threads: 1,
    },
    ...options,
    onEvent: (event) => event.type === "data" && events.push(event),
  });
  return events;
}

/** Numbers of the rows on each side. */
async function sides(options: FineTuneOptions) {
  const rows = options.train as readonly unknown[];
  const { train, validation } = await selectRows(options, APPLICATIONS[options.task]);
  const kept = (keep: (row: number) => boolean = () => false) => [...rows.keys()].filter(keep);
  return { train: kept(train.keep), validation: kept(validation?.keep) };
}

describe("a run", () => {
  it("is measured on what is held out, and says so", async () => {
    const [train, validation] = await dataOf({ validationSplit: 0.25, fraction: 0.5 });
    expect([train.rows, validation.rows]).toEqual([16, 10]);
    expect([train.labels, validation.labels]).toEqual([train.labels, train.labels]);
    expect(train.notes).toEqual(["chosen among 30 by --fraction"]);
    expect(validation.notes).toEqual(["held out of 40 by --validation-split"]);
  });

  it("has the same rows from a file, a list and an iterator, and measures the same", async () => {
    const rows = sentimentRows(40);
    writeFileSync(folder.path("rows.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
    async function* later() {
      yield* rows;
    }
    const metrics = async (train: FineTuneOptions["train"]) => {
      const options = { validationSplit: 0.3, fraction: 0.7, model: folder.model, maxSteps: 3, threads: 1 };
      return (await fineTune({ task: "text-classification", train, ...options })).metrics;
    };
    const expected = await metrics(rows);
    expect(await metrics(folder.path("rows.jsonl"))).toEqual(expected);
    expect(await metrics(later())).toEqual(expected);
  });

  it("records what was chosen by what", async () => {
    const output = folder.path("recorded");
    await dataOf({ validationSplit: 0.25, output });
    const { options, data } = JSON.parse(readFileSync(folder.path("recorded", "run.json"), "utf8"));
    expect(options).toMatchObject({
      validationSplit: { value: 0.25, origin: "given" },
      splitSeed: { value: 42, origin: "default" },
    });
    expect([data.train.rows, data.validation.rows]).toEqual([30, 10]);
    expect(data.validation.sha256).toBe(data.train.sha256);
  });

  it("from a pipe is refused, since a pipe is read once", async () => {
    spawnSync("mkfifo", [folder.path("pipe")]);
    const message = await refusal(dataOf({ train: folder.path("pipe"), fraction: 0.5 }));
    expect(message).toContain("pipe can be read only once");
  });
});

describe("rows are shared out", () => {
  const seeds = { validationSplit: 0.2, fraction: 0.5 };

  it("by label where texts have one", async () => {
    const train: TextRow[] = Array.from({ length: 100 }, (_, i) => ({
      text: `text ${i}`,
      label: i % 10 === 0 ? "rare" : "often",
    }));
    const chosen = await sides({ task: "text-classification", train, ...seeds });
    const rare = (rows: readonly number[]) => rows.filter((row) => train[row].label === "rare").length;
    expect([rare(chosen.validation), chosen.validation.length]).toEqual([2, 20]);
    expect([rare(chosen.train), chosen.train.length]).toEqual([4, 40]);
  });

  it("by chance where labels are several, or numbers", async () => {
    for (const label of [["a"], 0.5]) {
      const train = Array.from({ length: 50 }, (_, i) => ({
        text: `text ${i}`,
        label: i === 0 ? label : ["b"],
      }));
      const rows = label === 0.5 ? train.map((row, i) => ({ ...row, label: i / 7 })) : train;
      const chosen = await sides({ task: "text-classification", train: rows as TextRow[], ...seeds });
      expect([chosen.validation.length, chosen.train.length]).toEqual([10, 20]);
    }
  });

  it("by sentence", async () => {
    const train = Array.from({ length: 50 }, (_, i) => ({ tokens: ["a", "b"], tags: ["O", `B-${i % 3}`] }));
    const chosen = await sides({ task: "token-classification", train, ...seeds });
    expect([chosen.validation.length, chosen.train.length]).toEqual([10, 20]);
  });

  it("by passage: no passage is on both sides", async () => {
    const train = Array.from({ length: 60 }, (_, i) => ({
      question: `question ${i}?`,
      context: `passage ${i % 12} of many`,
      answers: [{ text: "passage", answer_start: 0 }],
    }));
    const chosen = await sides({ task: "question-answering", train, ...seeds });
    const passages = (rows: readonly number[]) => new Set(rows.map((row) => train[row].context));
    expect([...passages(chosen.train)].filter((one) => passages(chosen.validation).has(one))).toEqual([]);
    // Five questions a passage: two of twelve are nearest to a fifth.
    expect([chosen.validation.length, chosen.train.length]).toEqual([10, 25]);
  });

  it("by the split's seed alone", async () => {
    const options = { task: "text-classification" as const, train: sentimentRows(40), validationSplit: 0.2 };
    const chosen = await sides(options);
    expect(await sides({ ...options, seed: 7 })).toEqual(chosen);
    expect(await sides({ ...options, splitSeed: 7 })).not.toEqual(chosen);
  });
});

it("rows of an iterator are kept, those of a list are the same list", async () => {
  const rows = sentimentRows(4);
  const task = "text-classification" as const;
  const options = { task, train: new Set(rows), fraction: 0.5 };
  expect((await withRepeatableRows(options)).train).toEqual(rows);
  expect((await withRepeatableRows({ ...options, train: rows })).train).toBe(rows);
});
