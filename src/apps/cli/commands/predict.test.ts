/** Predictions on stdout and in files: rows in order, whole files or none, readers that are slow or leave. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Calls, fakeHost, fakePredictor, run } from "../../../../test/cli/fake-host.ts";
import { InputError } from "../../../util/errors.ts";
import type { TaskTag } from "../library.ts";
import { runCommand } from "../run-command.ts";

const PREDICT = ["predict", "--model", "m"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bertwright-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("predict", () => {
  it("predicts a text", async () => {
    const { stdout, calls } = await run([
      ...PREDICT,
      "--text",
      "hello",
      "--text-pair",
      "you",
      "--threads",
      "1",
    ]);
    expect(stdout).toBe('{"label":"hello","score":0.75}\n');
    expect(calls.stream[0].rows).toEqual([{ text: "hello", textPair: "you" }]);
    expect(calls.loadPredictor[0]).toMatchObject(["m", { threads: 1 }]);
    expect(calls.disposed).toBe(1);
  });

  it("predicts an empty text", async () => {
    expect((await run([...PREDICT, "--text", ""])).stdout).toBe('{"label":"","score":0.75}\n');
  });

  it("adds the best labels with --top-k", async () => {
    const { stdout, calls } = await run([...PREDICT, "--text", "a", "--top-k", "2", "--threshold", "0.4"]);
    const top = [
      { label: "a", score: 0.75 },
      { label: "b", score: 0.25 },
    ];
    expect(JSON.parse(stdout)).toEqual({ label: "a", score: 0.75, top });
    expect(calls.stream[0].options).toMatchObject({ topK: 2, threshold: 0.4 });
  });

  it("predicts a file's rows in order", async () => {
    const { stdout, stderr, calls } = await run([
      ...PREDICT,
      "--data",
      "d.tsv",
      "--text-column",
      "2",
      "--no-header",
    ]);
    expect(stdout).toBe('{"label":"first","score":0.75}\n{"label":"second","score":0.75}\n');
    expect(stderr).toBe("");
    expect(calls.readRows[0]).toMatchObject(["d.tsv", { textColumn: "2", header: false }]);
  });

  it("passes on a warning, though results on a terminal have no progress between them", async () => {
    const host: ReturnType<typeof fakeHost> = fakeHost({
      loadPredictor: async (_model, options) => {
        options?.onWarning?.("onnxruntime runs in place of the first choice: no library");
        return fakePredictor(host.calls);
      },
    });
    const { stdout, stderr } = await run([...PREDICT, "--data", "d.tsv"], host);
    expect(stdout.split("\n")).toHaveLength(3);
    expect(stderr).toBe("Warning: onnxruntime runs in place of the first choice: no library\n");
  });

  /** A predictor for a task, which predicts what its stream is given. */
  function hostFor(task: TaskTag) {
    const host: ReturnType<typeof fakeHost> = fakeHost({
      loadPredictor: async (...given) => {
        host.calls.loadPredictor.push(given);
        const echo = fakePredictor(host.calls, task);
        return Object.assign(echo, { stream: echoing(host.calls) });
      },
    });
    return host;
  }

  function echoing(calls: Calls) {
    return async function* (rows: AsyncIterable<object> | Iterable<object>, options?: unknown) {
      for await (const row of rows) {
        calls.stream.push({ rows: [row as { text: string }], options });
        yield { answer: "here", start: 3, end: 7, score: 0.5, top: [] };
      }
    };
  }

  it.each([
    ["--question", "--context"],
    ["--text", "--text-pair"],
  ])("asks a question given as %s and %s", async (first, second) => {
    const argv = [first, "Where?", second, "It is here.", "--top-k", "3", "--max-answer-length", "9"];
    const host = hostFor("question-answering");
    const { stdout, calls } = await run([...PREDICT, ...argv, "--null-score-diff-threshold", "-2"], host);
    expect(stdout).toBe('{"answer":"here","start":3,"end":7,"score":0.5,"top":[]}\n');
    expect(calls.stream[0].rows).toEqual([{ question: "Where?", context: "It is here." }]);
    expect(calls.stream[0].options).toMatchObject({ topK: 3 });
    expect(calls.loadPredictor[0][1]).toMatchObject({ maxAnswerLength: 9, nullScoreDiffThreshold: -2 });
  });

  it("reads a file as the model's task has it", async () => {
    const { stderr, calls } = await run(
      [...PREDICT, "--data", "d.conll", "--tag-column", "4", "--output", join(folder, "tags.jsonl")],
      hostFor("token-classification"),
    );
    expect(calls.readRows[0]).toMatchObject(["d.conll", { task: "token-classification", tagColumn: "4" }]);
    expect(calls.readRows[0][1]).not.toHaveProperty("output");
    expect(stderr).toContain("Predictions for 2 sentences in ");
    rmSync(join(folder, "tags.jsonl"));
  });

  it("tags a text, with entities as they are asked for", async () => {
    const argv = [...PREDICT, "--text", "Oslo", "--aggregation", "simple"];
    const { calls } = await run(argv, hostFor("token-classification"));
    expect(calls.stream[0]).toMatchObject({ rows: [{ text: "Oslo" }], options: { aggregation: "simple" } });
  });

  it.each<[TaskTag, string[], string]>([
    ["question-answering", ["--text", "a"], 'give --question "…" and --context "…"'],
    ["question-answering", ["--question", " ", "--context", "b"], "--question is empty: ask something."],
    ["question-answering", ["--text", "", "--text-pair", "b"], "--text is empty: ask something."],
    ["token-classification", ["--question", "a", "--context", "b"], "--question has no meaning for a model"],
    ["text-classification", ["--question", "a", "--context", "b"], "--question has no meaning for a model"],
    ["token-classification", ["--text", "a", "--text-pair", "b"], "--text-pair has no meaning for a model"],
  ])("a model for %s refuses %j", async (task, argv, message) => {
    const { status, stderr, calls } = await run([...PREDICT, ...argv], hostFor(task));
    expect(stderr).toContain(message);
    expect([status, calls.disposed]).toEqual([2, 1]);
  });

  it("writes a file whole or not at all", async () => {
    const output = join(folder, "predictions.jsonl");
    const { status, stdout, stderr } = await run([...PREDICT, "--data", "d", "--output", output]);
    expect([status, stdout, stderr]).toEqual([0, "", `Predictions for 2 rows in ${output}.\n`]);
    expect(readFileSync(output, "utf8").split("\n")).toHaveLength(3);

    const broken = fakeHost({
      readRows: async function* () {
        yield { text: "one" };
        throw new InputError("d:2: 3 fields, the header has 2.\nQuote the text.");
      },
    });
    const other = join(folder, "other.jsonl");
    const failed = await run([...PREDICT, "--data", "d", "--output", other, "--progress", "none"], broken);
    expect(failed).toMatchObject({
      status: 1,
      stderr: "Error: d:2: 3 fields, the header has 2.\nQuote the text.\n",
    });
    expect(broken.calls.disposed).toBe(1);
    expect(readdirSync(folder)).toEqual(["predictions.jsonl"]);
  });

  it("replaces a file only with --overwrite", async () => {
    const output = join(folder, "kept.jsonl");
    writeFileSync(output, "mine\n");
    const argv = [...PREDICT, "--text", "new", "--output", output];
    const refused = await run(argv);
    expect(refused).toMatchObject({ status: 1, calls: { loaded: 0 } });
    expect(refused.stderr).toBe(
      `Error: ${output}: this file exists.\nAdd --overwrite to replace it, or choose another --output.\n`,
    );
    expect(readFileSync(output, "utf8")).toBe("mine\n");
    await run([...argv, "--overwrite"]);
    expect(readFileSync(output, "utf8")).toBe('{"label":"new","score":0.75}\n');
  });

  it("says where it cannot write", async () => {
    const argv = [...PREDICT, "--text", "a", "--output"];
    expect(await run([...argv, folder])).toMatchObject({ status: 1, calls: { loaded: 0 } });
    const output = join(folder, "no-such-folder", "x.jsonl");
    expect((await run([...argv, output])).stderr).toContain(
      `Error: ${output}: no such folder.\nMake the folder first.\n`,
    );
  });

  it.runIf(process.platform === "linux")("says that the disk is full", async () => {
    const { status, stderr } = await run([
      ...PREDICT,
      "--text",
      "a",
      "--output",
      "/dev/full",
      "--progress",
      "none",
    ]);
    expect(status).toBe(1);
    expect(stderr).toBe("Error: /dev/full: the disk is full.\nFree some space or choose another place.\n");
  });

  it("stops quietly when its reader has gone", async () => {
    class Head extends Writable {
      override _write(_chunk: Buffer, _encoding: string, done: (error: Error) => void): void {
        done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
      }
    }
    let read = 0;
    const host = fakeHost({
      readRows: async function* () {
        for (; read < 1e6; read++) {
          await new Promise(setImmediate);
          yield { text: "x" };
        }
      },
    });
    const status = await runCommand([...PREDICT, "--data", "d"], { ...host, stdout: new Head() });
    expect([status, host.stderr.text, host.calls.disposed]).toEqual([0, "", 1]);
    expect(read).toBeLessThan(10);
  });

  it("waits for a slow reader", async () => {
    const slow = new Writable({
      highWaterMark: 8,
      write: (_chunk, _encoding, done) => setTimeout(done, 5),
    });
    const host = fakeHost();
    expect(await runCommand([...PREDICT, "--data", "d"], { ...host, stdout: slow })).toBe(0);
    expect(slow.writableLength).toBe(0);
  });
});
