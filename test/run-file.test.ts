/** run.json of real runs: what it says of options, machine and data, and that it is there before the first step. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FineTuneOptions, fineTune } from "../src/node.ts";
import { tinyRows } from "./cli/tiny-model.ts";
import { makeFolder, sentimentRows } from "./helpers/tiny-runs.ts";

let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder();
  writeFileSync(folder.path("train.tsv"), tinyRows(16));
});
afterAll(() => folder.remove());

const sha256 = (content: string | Buffer) => createHash("sha256").update(content).digest("hex");
const read = (name: string) => JSON.parse(readFileSync(folder.path(name, "run.json"), "utf8"));

async function run(name: string, options: Partial<FineTuneOptions> = {}) {
  const given = { model: folder.model, train: folder.path("train.tsv"), maxSteps: 1, threads: 1 };
  await fineTune({ task: "text-classification", ...given, output: folder.path(name), ...options });
  return read(name);
}

describe("options", () => {
  it("have their values and where these come from", async () => {
    const { options } = await run("origins", {
      validation: sentimentRows(8),
      weightDecay: 0,
      seed: 3,
      origins: { seed: "file" },
    });
    expect(options).toMatchObject({
      task: { value: "text-classification", origin: "given" },
      train: { value: folder.path("train.tsv"), origin: "given" },
      weightDecay: { value: 0, origin: "given" },
      seed: { value: 3, origin: "file" },
      layerDecay: { value: 1, origin: "recipe" },
      warmupSteps: { value: 0.1, origin: "recipe" },
      perDeviceTrainBatchSize: { value: 32, origin: "default" },
      maxSeqLength: { value: 64, origin: "default" },
      adamEpsilon: { value: 1e-8, origin: "default" },
      metricForBestModel: { value: "accuracy", origin: "default" },
    });
    // The recipe's rate for so narrow a model, and the head's ten times of it.
    expect(options.headLearningRate.value).toBeCloseTo(10 * options.learningRate.value, 12);
    expect(options.learningRate.origin).toBe("recipe");
    // Steps were given: epochs said nothing. Rows in memory have no place in a file, nor has who listens.
    for (const name of ["numTrainEpochs", "validation", "output", "origins", "onEvent"]) {
      expect(options).not.toHaveProperty(name);
    }
  });

  it("of a rate that was given: the head's is the same and nobody's choice", async () => {
    const { options } = await run("rates", { learningRate: 1e-3 });
    expect(options.learningRate).toEqual({ value: 1e-3, origin: "given" });
    expect(options.headLearningRate).toEqual({ value: 1e-3, origin: "default" });
  });

  it("of other tasks are theirs", async () => {
    const train = [{ question: "what?", context: "a good day", answers: [{ text: "day", answer_start: 7 }] }];
    const questions = await run("questions", { task: "question-answering", train, maxSeqLength: 32 });
    expect(questions.options.answerSoftmax).toEqual({ value: "all", origin: "default" });
    expect(questions.options).not.toHaveProperty("headLayers");
    expect(questions.data.train).toMatchObject({ name: "rows in memory", rows: 1 });
  });
});

describe("hashes", () => {
  it("are those of the files", async () => {
    const { data, model, versions } = await run("files", { validation: folder.path("train.tsv") });
    const hash = sha256(readFileSync(folder.path("train.tsv")));
    const expected = { name: folder.path("train.tsv"), sha256: hash, rows: 16 };
    expect(data).toEqual({ train: expected, validation: expected });
    const weights = sha256(readFileSync(folder.path("model", "model.safetensors")));
    expect(model).toEqual({ name: folder.model, sha256: { "model.safetensors": weights } });
    expect(versions).toMatchObject({ node: process.versions.node, precision: "float32", threads: 1 });
  });

  it("of rows in memory are those of their JSON, for a list and for an iterator", async () => {
    const rows = sentimentRows(8);
    async function* later() {
      yield* rows;
    }
    const hash = sha256(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    expect((await run("list", { train: rows })).data.train.sha256).toBe(hash);
    expect((await run("iterator", { train: later() })).data.train.sha256).toBe(hash);
  });

  it("of two files with words and tags are both there", async () => {
    writeFileSync(folder.path("words.txt"), "a good day\nthe meal was bad\n");
    writeFileSync(folder.path("tags.txt"), "O B-X O\nO O O B-X\n");
    const tags = { task: "token-classification", trainTags: folder.path("tags.txt") } as const;
    const { data } = await run("tags", { ...tags, train: folder.path("words.txt") });
    expect(data.trainTags).toEqual({
      name: folder.path("tags.txt"),
      sha256: sha256(readFileSync(folder.path("tags.txt"))),
    });
  });
});

describe("the file", () => {
  it("says running before the first step and finished behind the last", async () => {
    const seen: string[] = [];
    const finished = await run("status", {
      maxSteps: 2,
      onEvent: ({ type }) => type === "step" && seen.push(read("status").status),
    });
    expect(seen).toEqual(["running", "running"]);
    expect(finished.status).toBe("finished");
    expect(Date.parse(finished.finished)).toBeGreaterThanOrEqual(Date.parse(finished.started));
  });

  it("is not written where the run is refused", async () => {
    await expect(run("refused", { maxSeqLength: 65 })).rejects.toThrow("64 positions");
    expect(existsSync(folder.path("refused"))).toBe(false);
  });

  it("alone, of a run that did not end, is replaced with overwrite", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const onEvent: FineTuneOptions["onEvent"] = ({ type }) => type === "step" && controller.abort(reason);
    const ended = run("again", { maxSteps: 3, onEvent, signal: controller.signal });
    await expect(ended).rejects.toBe(reason);
    expect(read("again").status).toBe("running");
    expect((await run("again", { overwrite: true })).status).toBe("finished");
  });
});
