/** The command on tagged words and on questions, with a tiny model: train, evaluate, predict, and wrong usage. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "./command.ts";
import { WORDS, writeTinyModel } from "./tiny-model.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bertwright-token-level-"));
  writeTinyModel(join(folder, "model"));
  const tagged = Array.from({ length: 48 }, (_, i) => sentence(i));
  const columns = tagged.map((rows) => rows.map((row) => row.join(" ")).join("\n"));
  writeFileSync(join(folder, "tags.conll"), `${columns.join("\n\n")}\n`);
  for (const [at, name] of ["seq.in", "seq.out"].entries()) {
    const lines = tagged.map((rows) => rows.map((row) => row[at]).join(" "));
    writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
  }
  writeFileSync(join(folder, "questions.json"), JSON.stringify(squad(32)));
});

afterAll(() => rmSync(folder, { recursive: true }));

const run = (...argv: string[]) => runCommand(argv, { cwd: folder });

const GOOD = WORDS.slice(0, 4);
/** A good word is a name, and goes on where another follows. */
function sentence(i: number): [word: string, tag: string][] {
  const name: [string, string] = [GOOD[i % 4], "B-GOOD"];
  const more: [string, string][] = i % 3 === 0 ? [[GOOD[(i + 1) % 4], "I-GOOD"]] : [];
  return [["the", "O"], [WORDS[9 + (i % 3)], "O"], ["is", "O"], name, ...more];
}

/** The answer is the good word, wherever it stands. */
function squad(count: number) {
  const paragraphs = Array.from({ length: count }, (_, i) => {
    const words = ["the", "a", "film", "meal", "day", "very"].filter((_word, j) => (i >> j) % 2 === 0);
    const answer = GOOD[i % 4];
    words.splice(i % (words.length + 1), 0, answer);
    const context = words.join(" ");
    const answers = [{ text: answer, answer_start: context.indexOf(answer) }];
    return { context, qas: [{ id: `q${i}`, question: "a film?", answers }] };
  });
  return { version: "1.1", data: [{ title: "made up", paragraphs }] };
}

/** A word decides, and the tiny model learns to see it. */
const ENOUGH = ["--epochs", "12", "--learning-rate", "5e-3", "--batch-size", "8", "--dropout", "0"];
const QUIET = ["--progress", "none"];

describe("token-classification", () => {
  const FILES = ["--train", "tags.conll", "--validation", "tags.conll"];

  it("trains, evaluates and predicts", async () => {
    const task = ["--task", "token-classification", "--model", "model"];
    const trained = await run("train", ...task, ...FILES, ...ENOUGH, "--output", "tagger");
    expect(trained.stderr).toContain("Training: 48 sentences, ");
    expect(trained.stderr).toContain("3 tags: B-GOOD, I-GOOD, O");
    expect(trained.stderr).toMatch(/^Epoch 1: f1 .* \(baseline .*\), precision .*, recall .*; /m);
    expect(trained.stdout).toMatch(/ evaluate --model tagger --data tags\.conll\n/);
    expect(trained.status).toBe(0);

    const evaluated = await run("evaluate", "--model", "tagger", "--data", "tags.conll", "--json", ...QUIET);
    expect(evaluated).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(evaluated.stdout)).toMatchObject({
      task: "token-classification",
      examples: 48,
      metrics: { f1: 1 },
    });
    const parallel = await run(
      ...["evaluate", "--model", "tagger", "--data", "seq.in", "--data-tags", "seq.out", ...QUIET],
    );
    expect(parallel.stdout).toMatch(/^tagger on seq\.in: 48 sentences in .*\n {2}precision {8}1\.0000\n/);

    const text = "The film is Good fine.";
    const one = await run("predict", "--model", "tagger", "--text", text);
    expect(one).toMatchObject({ status: 0, stderr: "" });
    const { words, entities } = JSON.parse(one.stdout);
    expect(words.map(({ word, tag }: { word: string; tag: string }) => `${word}/${tag}`).slice(0, 5)).toEqual(
      [...["The/O", "film/O", "is/O", "Good/B-GOOD", "fine/I-GOOD"]],
    );
    expect(entities[0]).toMatchObject({ label: "GOOD", text: "Good fine", start: 12, end: 21 });
    expect(Object.keys(words[0])).toEqual(["word", "tag", "score", "start", "end"]);
    const simple = await run("predict", "--model", "tagger", "--text", text, "--aggregation", "none");
    expect(JSON.parse(simple.stdout).entities[0]).toMatchObject({ label: "B-GOOD", text: "Good" });

    const many = await run(
      ...["predict", "--model", "tagger", "--data", "tags.conll", "--output", "tagged.jsonl"],
    );
    expect(many).toMatchObject({ status: 0, stdout: "" });
    expect(many.stderr).toContain("Predictions for 48 sentences in tagged.jsonl.\n");
    expect(readFileSync(join(folder, "tagged.jsonl"), "utf8").trimEnd().split("\n")).toHaveLength(48);

    for (const [argv, message] of [
      [["predict", "--text", "a", "--top-k", "2"], "--top-k has no meaning for task token-classification"],
      [["predict", "--text", "a", "--max-answer-length", "2"], "--max-answer-length has no meaning for task"],
      [["predict", "--data", "tags.conll", "--label-column", "2"], "--label-column has no meaning for task"],
      [["predict", "--data", "tags.conll", "--aggregation", "first"], "--aggregation is for plain text"],
      [["evaluate", "--data", "tags.conll", "--doc-step", "2"], "--doc-step has no meaning for task"],
      [["evaluate", "--data", "tags.conll", "--output", "answers"], "--output: evaluate writes answers"],
    ] as const) {
      const refused = await run(...argv, "--model", "tagger", ...QUIET);
      expect(refused.stderr).toContain(`Error: ${message}`);
      expect([refused.status, refused.stdout]).toEqual([2, ""]);
    }
  });
});

describe("question-answering", () => {
  it("trains, evaluates and predicts", async () => {
    const argv = ["--train", "questions.json", "--validation", "questions.json", ...ENOUGH, "--json"];
    const trained = await run(
      ...["train", "--task", "question-answering", "--model", "model", ...argv, "--output", "reader"],
    );
    expect(trained.stderr).toMatch(/^Training: 32 questions/m);
    expect(trained.stderr).toMatch(/^Epoch 1: f1 .* \(baseline .*\), exact_match .*; /m);
    expect(trained.status).toBe(0);
    expect(JSON.parse(trained.stdout).metrics.f1).toBeGreaterThan(0.9);

    const evaluated = await run(
      ...["evaluate", "--model", "reader", "--data", "questions.json", "--output", "answers", ...QUIET],
    );
    expect(evaluated.stdout).toMatch(
      /^reader on questions\.json: 32 questions in .*\n {2}exact_match {2}[01]\./,
    );
    expect(evaluated).toMatchObject({ status: 0, stderr: "" });
    const answers = JSON.parse(readFileSync(join(folder, "answers/predictions.json"), "utf8"));
    expect(Object.keys(answers)).toHaveLength(32);
    const again = await run(
      ...["evaluate", "--model", "reader", "--data", "questions.json", "--output", "answers", ...QUIET],
    );
    expect(again.status).not.toBe(0);
    expect(again.stderr).toContain("--overwrite");

    const texts = ["--question", "a film?", "--context", "The day is Great."];
    const one = await run("predict", "--model", "reader", ...texts, "--top-k", "2");
    expect(one).toMatchObject({ status: 0, stderr: "" });
    const prediction = JSON.parse(one.stdout);
    expect(Object.keys(prediction)).toEqual(["answer", "start", "end", "score", "top"]);
    expect(prediction).toMatchObject({ answer: "Great", start: 11, end: 16 });
    expect(prediction.top).toHaveLength(2);
    const pair = await run("predict", "--model", "reader", "--text", texts[1], "--text-pair", texts[3]);
    const { top: _top, ...best } = prediction;
    expect(JSON.parse(pair.stdout)).toEqual(best);

    const alone = await run("predict", "--model", "reader", "--text", "a film?");
    expect(alone).toMatchObject({ status: 2, stdout: "" });
    expect(alone.stderr).toContain('give --question "…" and --context "…"');
  });
});

it("says --task where an option is for another one", async () => {
  const argv = ["train", "--model", "model", "--train", "tags.conll", "--output", "no", "--label-all-pieces"];
  const { status, stderr } = await run(...argv);
  expect(stderr).toBe(
    "Error: --label-all-pieces has no meaning for --task text-classification; it is for token-classification.\n",
  );
  expect(status).toBe(2);
});
