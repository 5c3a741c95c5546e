/** The bench command, on things small enough to run in a test; no figure is judged. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { writeTinyModel } from "../../../test/cli/tiny-model.ts";
import { shellLine } from "../../util/shell-words.ts";
import { bench } from "./bench.ts";
import { runProgram, shellProgram } from "./process.ts";
import { SUITES } from "./suites.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-command-"));
const jsonFile = join(folder, "figures.jsonl");
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...argv: string[]) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const status = await bench(argv, streams);
  const text = (stream: PassThrough) => String(stream.read() ?? "");
  return { status, stdout: text(streams.stdout), stderr: text(streams.stderr) };
}

/** A `python` that takes 7 ms a step compiled and 9 otherwise, and keeps what it was asked. */
function stubPeer(): string {
  const [script, python] = [join(folder, "stub.mjs"), join(folder, "python")];
  writeFileSync(
    script,
    `import { appendFileSync } from "node:fs";
    import { createInterface } from "node:readline";
    for await (const line of createInterface({ input: process.stdin })) {
      appendFileSync(${JSON.stringify(join(folder, "requests.jsonl"))}, line + "\\n");
      const { batches, compile } = JSON.parse(line);
      const ms = batches.map(() => (compile ? 7 : 9));
      console.log(JSON.stringify({ ms, torch: "2.x", transformers: "5.x", threads: 3 }));
    }`,
  );
  writeFileSync(python, `#!/bin/sh\nexec ${process.execPath} ${script}\n`, { mode: 0o755 });
  return python;
}

const figures = () =>
  readFileSync(jsonFile, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
const alone = { peer: null, ratio_min: null, ratio_median: null, ratio_max: null };
const number = expect.any(Number);

describe("suites", () => {
  it("tokenizer: a text of the user's", async () => {
    const text = join(folder, "text.txt");
    writeFileSync(text, "hello world\nhello again, world\n");
    const argv = ["--suite", "tokenizer", "--text", text, "--turns", "2", "--json", jsonFile];
    const { status, stdout } = await run(...argv);
    expect(status).toBe(0);
    expect(stdout).toMatch(/cores, .* GB of memory, .*Node .*; load average .*; onnxruntime/);
    // [CLS] [SEP] of three rows, and six tokens.
    expect(stdout).toMatch(/^tokenizer +tokens\/s +[\d,.]+ .*\n.* tokens\/s; 3 rows, 12 tokens; 2 turns$/m);
    expect(figures()).toMatchObject([{ case: "tokenizer", unit: "tokens/s", ours: number, ...alone }]);
  });

  it("steps: both sides on the same batches, and the share of the processor's matrix speed", async () => {
    const { status, stdout, stderr } = await run(
      ...[
        "--cases",
        "minilm-cola",
        "--turns",
        "2",
        "--steps-per-turn",
        "1",
        "--peer",
        stubPeer(),
        "--attn",
        "sdpa",
      ],
      ...["--peer-precision", "bf16", "--peer-compile", "--json", jsonFile],
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(
      /2 turns of 1 steps, \w+ float32; PyTorch 2\.x bf16, transformers 5\.x, compiled, sdpa attention, 3 thr/,
    );
    const [step, share] = figures();
    expect(step).toMatchObject({ case: "minilm-cola", unit: "ms", ours: number, peer: 7 });
    expect(step.ratio_median).toBeCloseTo(7 / step.ours, 1);
    expect(share).toMatchObject({ case: "minilm-cola-share", unit: "GFLOPS" });
    expect(share.ours).toBeGreaterThan(0);
    expect(share.ratio_max).toBeLessThan(1);
    const requests = readFileSync(join(folder, "requests.jsonl"), "utf8").trimEnd().split("\n");
    const [[eagerWarm], [eager], [compiledWarm], [compiled], [first], [second]] = requests.map(
      (line) => JSON.parse(line).batches,
    );
    expect(eagerWarm).toHaveLength(32);
    for (const again of [eager, compiledWarm, compiled]) expect(again).toEqual(eagerWarm);
    for (const fresh of [first, second]) expect(fresh).not.toEqual(eagerWarm);
    expect(first).not.toEqual(second);
  }, 120_000);

  it("features: what a real training run reads, and its peak memory", async () => {
    const model = writeTinyModel(join(folder, "reader"));
    const { status, stdout, stderr } = await run(
      ...["--suite", "features", "--rows", "300", "--turns", "2", "--model", model, "--json", jsonFile],
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^features +rows\/s .*\n.*; 300 rows, [\d,]+ tokens$/m);
    const [million, rate, memory] = figures();
    expect(million).toMatchObject({ case: "features-million-rows", unit: "s", ours: number, ...alone });
    expect(rate).toMatchObject({ case: "features", unit: "rows/s", ours: number, ...alone });
    expect(rate.ours * million.ours).toBeGreaterThan(0.9e6);
    // A process of Node takes tens of megabytes; there is no /proc elsewhere.
    if (process.platform === "linux") expect(memory.ours).toBeGreaterThan(20);
  });

  it("startup: a real training run's first step", async () => {
    const model = writeTinyModel(join(folder, "model"));
    const { status, stdout, stderr } = await run(
      ...["--suite", "startup", "--turns", "1", "--model", model, "--json", jsonFile],
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(/^startup +s +[\d.]+ .*\n.*; 1 turns, \w+$/m);
    expect(figures()).toMatchObject([{ case: "startup", unit: "s", ours: number, ...alone }]);
    expect(figures()[0].ours).toBeGreaterThan(0);
  });

  it("jobs: both sides in fresh folders, in turns", async () => {
    const peer = `test ! -e {output} && mkdir {output} && node -e 'console.log("\\"peak_memory_mb\\": 123456")'`;
    const { status, stdout } = await run(
      ...["--suite", "jobs", "--turns", "2", "--job-args", "--version", "--peer-command", peer],
      ...["--json", jsonFile],
    );
    expect(status).toBe(0);
    expect(stdout.match(/^ {2}job (ours|peer)/gm)).toEqual([
      "  job ours",
      "  job peer",
      "  job peer",
      "  job ours",
    ]);
    const [time, memory] = figures();
    expect(time).toMatchObject({ case: "job", unit: "s", ratio_median: expect.any(Number) });
    expect(memory).toMatchObject({ case: "job-memory", unit: "MB", peer: 123456 });
    expect(memory.ratio_min).toBeGreaterThan(1);
  });

  it("jobs: a peer that takes too long is stopped, one that ends is not", async () => {
    // Its first turn takes long.
    const peer = `test -e ${folder}/been || { touch ${folder}/been; sleep 600; }; mkdir {output}`;
    const { status, stdout } = await run(
      ...["--suite", "jobs", "--turns", "2", "--job-args", "--version", "--peer-command", peer],
      ...["--peer-limit", "3", "--json", jsonFile],
    );
    expect(status).toBe(0);
    const ends = stdout.match(/^ {2}job peer: .*$/gm)?.map((line) => line.includes("stopped before its end"));
    expect(ends).toEqual([true, false]);
    for (const { note } of figures())
      expect(note).toMatch(/the peer was stopped in 1 of 2 turns: ratios are lower bounds$/);
    // Timers may be a millisecond early.
    expect(figures()[0].ratio_max).toBeGreaterThan(2.9);
  });

  it("jobs: a program that fails ends the bench with its last words", async () => {
    const { status, stderr } = await run("--suite", "jobs", "--job-args", "train --nonsense");
    expect(status).toBe(1);
    expect(stderr).toMatch(/exit status 2: .*train --nonsense\nError: Unknown option --nonsense/);
  });

  it("jobs: a peer that fails within its limit ends the bench as well", async () => {
    const argv = [
      "--suite",
      "jobs",
      "--job-args",
      "--version",
      "--peer-command",
      "exit 7",
      "--peer-limit",
      "9",
    ];
    const { status, stderr } = await run(...argv);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "Error: exit status 7: exit 7\n\n" });
  });

  it.each([
    ["startup", "made no step"],
    ["features", "read no rows"],
  ])("%s: a model that is not there ends the bench", async (suite, what) => {
    const none = join(folder, "none");
    const { status, stderr } = await run("--suite", suite, "--model", none, "--turns", "1");
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`bertwright train ${what}: .*none`));
  });
});

describe("usage", () => {
  it("the help lists all suites and says what a ratio is", async () => {
    const { status, stdout } = await run("--help");
    expect(status).toBe(0);
    for (const name of Object.keys(SUITES)) expect(stdout).toMatch(new RegExp(`^  ${name} +\\w`, "m"));
    expect(stdout).toMatch(/A ratio above 1 says that ours is better/);
  });

  it.each([
    [["--cases", "minilm-32x32,minilm-32x33"], /--cases .*"minilm-32x33": did you mean minilm-32x32\?/],
    [["--cases", "tiny"], /"tiny": it is not one of minilm-32x32, /],
    [["--suite", "jobs"], /--suite jobs needs --data FOLDER/],
    [["--suite", "jobs", "--data", "d", "--jobs", "cora"], /"cora": did you mean cola\?/],
    [["--suite", "jobs", "--data", "d", "--job-args", "train"], /--data and --job-args: the arg/],
    [
      ["--suite", "jobs", "--peer", "p", "--job-args", "train"],
      /--peer and --job-args: the arguments say all/,
    ],
    [["--suite", "step"], /did you mean steps/],
    [["--turns", "0"], /--turns 0: it takes a whole number from 1/],
    [["--attn", "flash"], /--attn flash: choose sdpa or eager/],
    [["--suit", "jobs"], /Unknown option --suit; did you mean --suite\?/],
    [["--precision", "bfloat16"], /--precision bfloat16: choose float32, bf16 or both/],
    [["--peer-precision", "fp16"], /--peer-precision fp16: choose float32 or bf16/],
    [["--text", "a.txt"], /--text is an option of tokenizer, the suite is steps/],
    [
      ["--suite", "tokenizer", "--cases", "minilm-32x32"],
      /--cases is an option of steps, profile, the suite is token/,
    ],
    [["--suite", "all", "--seed", "3"], /--seed is an option of gradients, the suite is all/],
    [["--suite", "jobs", "--peer-limit", "0.5"], /--peer-limit 0.5: it takes a number from 1 to 1,000/],
    [["job"], /Unexpected "job"/],
  ])("%j is refused", async (argv, message) => {
    const { status, stdout, stderr } = await run(...argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });

  it("who reads its output may go before its end", async () => {
    const main = fileURLToPath(new URL("../../../dist/apps/bench/main.js", import.meta.url));
    const line = shellLine([process.execPath, main, "--help"]);
    const { stderr } = await runProgram(shellProgram(`(${line}; echo "status $?" >&2) | true`));
    expect(stderr).toBe("status 0\n");
  });

  it("a file that cannot be written is found before anything is measured", async () => {
    const { status, stdout, stderr } = await run("--json", join(folder, "no/such.jsonl"));
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/--json .*such\.jsonl: ENOENT/);
  });

  it("a text that cannot be read is named", async () => {
    const { status, stderr } = await run("--suite", "tokenizer", "--text", join(folder, "none.txt"));
    expect(status).toBe(1);
    expect(stderr).toMatch(/--text .*none\.txt: ENOENT/);
  });
});
