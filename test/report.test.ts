/** The report that training leaves in its folder: of each task, while the run goes on, and after one that was stopped. */
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FineTuneOptions, obtainReport, type Row, type TaskTag } from "../src/node.ts";
import type { PageRows } from "../src/report/page/script.ts";
import { sentimentRows, taggedRows } from "./helpers/tiny-runs.ts";
import { jsonl, questionRows, taggedSentences, workshop } from "./helpers/token-level.ts";

type Workshop = ReturnType<typeof workshop>;
const shops: Workshop[] = [];
function open(task: TaskTag): Workshop {
  const shop = workshop(task);
  shops.push(shop);
  return shop;
}
afterAll(() => {
  for (const shop of shops) shop.remove();
});

const pageOf = (shop: Workshop, name: string) => readFileSync(shop.path(name, "report.html"), "utf8");

function rowsOf(page: string): PageRows {
  const [, json] = /<script type="application\/json" id="samples">(.*?)<\/script>/s.exec(page) ?? [];
  return JSON.parse(json);
}

const scores = (count: number) => sentimentRows(count).map(({ text }, i) => ({ text, label: i / 2 }));

interface Case {
  name: string;
  task: TaskTag;
  train: readonly Row[];
  validation: readonly Row[];
  shows: string[];
}

const CASES: Case[] = [
  {
    name: "classes",
    task: "text-classification",
    train: sentimentRows(32),
    validation: sentimentRows(11),
    shows: ["How many rows of each kind", "Expected calibration error", "Scores of each label"],
  },
  {
    name: "several labels",
    task: "text-classification",
    train: taggedRows(32),
    validation: taggedRows(9),
    shows: ["Scores of each label", "Expected calibration error"],
  },
  {
    name: "numbers",
    task: "text-classification",
    train: scores(32),
    validation: scores(9),
    shows: ["Right and predicted numbers", "How far the predictions are"],
  },
  {
    name: "tags",
    task: "token-classification",
    train: taggedSentences(32),
    validation: taggedSentences(12, 500),
    shows: ["Right entities by what was predicted there", "Scores of each type of entities"],
  },
  {
    name: "answers",
    task: "question-answering",
    train: questionRows(32, { none: 3 }),
    validation: questionRows(9, { from: 700, none: 3 }),
    shows: ["What became of the questions", "Scores of questions with and without an answer"],
  },
];

describe.each(CASES)("of $name", ({ name, task, train, validation, shows }) => {
  it("shows every row, what it was taken for, and the run", async () => {
    const shop = open(task);
    const file = shop.file("rows.jsonl", jsonl(validation));
    const { metrics } = await shop.run(name, { train, validation: file, numTrainEpochs: 1 });
    const page = pageOf(shop, name);
    const { samples, groups } = rowsOf(page);
    expect(samples.map(({ where }) => where).sort()).toEqual(
      validation.map((_, i) => `rows.jsonl:${i + 1}`).sort(),
    );
    expect(samples.every((sample) => sample.groups.length > 0)).toBe(true);
    for (const { right } of samples.filter((sample) => sample.groups.every((i) => groups[i].right)))
      expect(right).toBe(true);
    for (const words of [...shows, "The run is finished", "How it learned"]) expect(page).toContain(words);
    expect(Object.values(metrics).some((value) => page.includes(value.toFixed(4)))).toBe(true);
    expect(existsSync(shop.path(name, "plots", "loss.svg"))).toBe(true);
  });
});

describe("of a run", () => {
  let shop: Workshop;
  let options: Pick<FineTuneOptions, "train" | "validation" | "numTrainEpochs">;
  beforeAll(() => {
    shop = open("text-classification");
    options = {
      train: sentimentRows(32),
      validation: shop.file("dev.jsonl", jsonl(sentimentRows(9))),
      numTrainEpochs: 2,
    };
  });

  it("is there from the first evaluation on", async () => {
    const seen: boolean[] = [];
    await shop.run("watched", {
      ...options,
      onEvent: ({ type }) => {
        if (type === "evaluation") seen.push(existsSync(shop.path("watched", "report.html")));
      },
    });
    expect(seen).toEqual([false, true]);
  });

  it("says that it was stopped, and of which step the best weights were", async () => {
    const controller = new AbortController();
    const stopped = shop.run("stopped", {
      ...options,
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === "step" && event.epoch > 1) controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow();
    expect(pageOf(shop, "stopped")).toMatch(/The run was stopped at .* The best weights are those of step/);
  });

  it("is shown as it is, and without rows to measure on promises nothing", async () => {
    await shop.run("unmeasured", { ...options, validation: undefined });
    const path = await obtainReport(shop.path("unmeasured"));
    expect(readFileSync(path, "utf8")).toContain("How good it is was not measured");
  });
});
