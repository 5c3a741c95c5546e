/** The command from a file of labels to predictions, with a tiny model; and how it ends when it is interrupted. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finish, runCommand, startCommand } from "./command.ts";
import { tinyRows, writeTinyModel } from "./tiny-model.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bertwright-round-trip-"));
  writeTinyModel(join(folder, "model"));
  writeFileSync(join(folder, "train.tsv"), tinyRows(64));
  writeFileSync(join(folder, "dev.tsv"), tinyRows(24));
});

afterAll(() => rmSync(folder, { recursive: true }));

const run = (...argv: string[]) => runCommand(argv, { cwd: folder });

const TRAIN = ["train", "--model", "model", "--train", "train.tsv", "--validation", "dev.tsv"];
/** A word decides the label, and the tiny model learns to see it. */
const ENOUGH = ["--epochs", "12", "--learning-rate", "5e-3", "--batch-size", "8", "--dropout", "0"];

it("trains, evaluates, predicts and inspects", async () => {
  const trained = await run(...TRAIN, ...ENOUGH, "--output", "out", "--json");
  expect(trained.stderr).toMatch(
    /^Step \d+ of 96, epoch .*: loss \d\.\d+, learning rate .*, .* tokens\/s, /m,
  );
  expect(trained.stderr).not.toMatch(/[\r\x1b]/);
  expect(trained.status).toBe(0);
  const result = JSON.parse(trained.stdout);
  expect(Object.keys(result)).toEqual([
    ...["output", "task", "metrics", "seconds", "tokens_per_second", "peak_memory_mb", "planned_memory_mb"],
  ]);
  expect(result).toMatchObject({ output: "out", task: "text-classification" });
  expect(result.metrics.accuracy).toBe(1);
  expect(readdirSync(join(folder, "out"))).toEqual(
    expect.arrayContaining([
      "config.json",
      "model.safetensors",
      "vocab.txt",
      "README.md",
      "all_results.json",
    ]),
  );

  const evaluated = await run(
    "evaluate",
    "--model",
    "out",
    "--data",
    "dev.tsv",
    "--json",
    "--progress",
    "none",
  );
  expect(evaluated).toMatchObject({ status: 0, stderr: "" });
  const evaluation = JSON.parse(evaluated.stdout);
  expect(evaluation).toMatchObject({ task: "text-classification", examples: 24 });
  expect(evaluation.metrics.accuracy).toBe(1);

  const one = await run("predict", "--model", "out", "--text", "the film is not good 0");
  expect(one).toMatchObject({ status: 0, stderr: "" });
  const { label, score } = JSON.parse(one.stdout);
  expect(label).toBe("positive");
  expect(score).toBeGreaterThan(0.5);

  const many = await run("predict", "--model", "out", "--data", "dev.tsv", "--output", "predictions.jsonl");
  expect(many).toMatchObject({ status: 0, stdout: "" });
  const lines = readFileSync(join(folder, "predictions.jsonl"), "utf8").trimEnd().split("\n");
  const labels = readFileSync(join(folder, "dev.tsv"), "utf8").trimEnd().split("\n").slice(1);
  const right = lines.filter((line, i) => JSON.parse(line).label === labels[i].split("\t")[1]);
  expect(lines).toHaveLength(24);
  expect(right).toHaveLength(24);

  const best = await run("predict", "--model", "out", "--text", "the film is not bad 0", "--top-k", "2");
  expect(JSON.parse(best.stdout).top.map((top: { label: string }) => top.label)).toEqual([
    "negative",
    "positive",
  ]);

  const inspected = await run(
    "inspect",
    "--model",
    "model",
    "--data",
    "train.tsv",
    "--validation",
    "dev.tsv",
  );
  expect(inspected).toMatchObject({ status: 0, stderr: "" });
  expect(inspected.stdout).toMatch(/64 rows, 2 labels/);
});

it("keeps the last weights without validation, and says what to do next", async () => {
  const argv = ["train", "--model", "model", "--train", "train.tsv", "--output", "last", "--epochs", "1"];
  const { status, stdout } = await run(...argv, "--progress", "none");
  expect(status).toBe(0);
  expect(stdout).toContain("evaluate --model last --data FILE");
  expect(existsSync(join(folder, "last/model.safetensors"))).toBe(true);
});

describe.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("after %s", (signal, expected) => {
  it(`train ends with status ${expected}, says how to go on, and goes on to the same model`, async () => {
    const steps = [...TRAIN, "--batch-size", "2", "--max-steps", "900", "--eval-steps", "100"];
    const argv = [...steps, "--output", `interrupted-${signal}`];
    const child = startCommand(argv, { cwd: folder });
    child.stderr?.on("data", (text: Buffer) => {
      if (text.includes("Step ")) child.kill(signal);
    });
    const { status, stdout, stderr } = await finish(child);
    expect([status, stdout]).toEqual([expected, ""]);
    const [, step, command] =
      /Interrupted; step (\d+) and all before it are saved\. To go on:\n(.*)\n$/.exec(stderr) ?? [];
    const kept = readdirSync(join(folder, `interrupted-${signal}`));
    expect(kept).toEqual(expect.arrayContaining(["checkpoints", "metrics.jsonl", "report.html", "run.json"]));
    expect(kept).not.toContain("config.json");
    expect(command).toContain(`${argv.join(" ")} --resume`);
    const resumed = await run(...argv, "--resume", "--json");
    expect(JSON.parse(resumed.stdout)).toMatchObject({ resumed_from_step: Number(step) });
    const files = readdirSync(join(folder, `interrupted-${signal}`));
    expect(files).toContain("config.json");
    expect(files).not.toContain("checkpoints");
  });
});

it("runs as npx --no-install bertwright in the checkout", () => {
  const root = join(import.meta.dirname, "../..");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const stdout = execFileSync("npx", ["--no-install", "bertwright", "--version"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(stdout).toBe(`${version}\n`);
});
