/** Folders of recorded cases: whole, partial, damaged. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { loadRuntime } from "../engine/runtime/runtimes.ts";
import type { Runtime } from "../engine/runtime/session.ts";
import { type CaseReport, checkFolder } from "./check-folder.ts";

const FIXTURES = join(import.meta.dirname, "../../test/fixtures");
const root = mkdtempSync(join(tmpdir(), "parity-"));
let runtime: Runtime;
let folder: string;
let count = 0;

beforeAll(async () => {
  runtime = await loadRuntime("auto");
});
beforeEach(() => {
  folder = join(root, String(count++));
  mkdirSync(folder);
});
afterAll(() => rmSync(root, { recursive: true }));

async function check(path = folder): Promise<CaseReport[]> {
  const reports: CaseReport[] = [];
  for await (const report of checkFolder(path, { runtime, vocabularies: join(FIXTURES, "vocab") }))
    reports.push(report);
  return reports;
}

/** The reports that count, by name. */
async function outcomes(): Promise<Record<string, string>> {
  const reports = await check();
  return Object.fromEntries(
    reports.filter(({ outcome }) => outcome !== "absent").map(({ name, outcome }) => [name, outcome]),
  );
}

/** Copies a case of ours into the folder; `name` of its copy. */
function addCase(kind: string, name = kind): string {
  const path = join(folder, "bert", name);
  cpSync(join(FIXTURES, "bert", kind), path, { recursive: true });
  return path;
}

function edit(path: string, name: string, change: (json: Record<string, unknown>) => unknown): void {
  const file = join(path, name);
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, "utf8")))));
}

/** A copy of a case, one of whose JSON files is changed; its report. */
async function reportOf(
  kind: string,
  name: string,
  change: (json: Record<string, unknown>) => unknown,
): Promise<CaseReport> {
  edit(addCase(kind), name, change);
  return (await check())[0];
}

describe("the project's own folder", () => {
  it("passes case by case, with every task's head, loss and trajectory", async () => {
    const reports = await check(FIXTURES);
    expect(reports.filter(({ outcome }) => outcome !== "passed")).toEqual([]);
    expect(reports.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        "bert/question-answering",
        "bert/sequence-classification",
        "bert/token-classification",
        "bert/trajectory-classification",
        "bert/trajectory-tagging-accumulated",
        "tokenizer/cased.json",
        "tokenizer/uncased.json",
        "metrics.json multi_label",
      ]),
    );
  });
});

describe("parts", () => {
  it("that are missing are named and do not count", async () => {
    addCase("sequence-regression");
    const reports = await check();
    expect(reports.map(({ name, outcome }) => [name, outcome])).toEqual([
      ["bert/sequence-regression", "passed"],
      ["tokenizer/", "absent"],
      ["metrics.json", "absent"],
    ]);
  });

  it("may hold files that are not cases", async () => {
    const path = addCase("sequence-regression");
    writeFileSync(join(path, "notes.txt"), "made on a Tuesday");
    writeFileSync(join(folder, "bert", "schedules.json"), "{}");
    mkdirSync(join(folder, "bert", ".cache"));
    mkdirSync(join(folder, "tokenizer"));
    writeFileSync(join(folder, "tokenizer", "texts.jsonl"), "");
    expect(await outcomes()).toEqual({ "bert/sequence-regression": "passed" });
  });

  it("must be there, at least one of them", async () => {
    await expect(check()).rejects.toThrow(/no cases in bert\/ or tokenizer\/, and no metrics.json/);
    await expect(check(join(folder, "nowhere"))).rejects.toThrow(/no such folder/);
    writeFileSync(join(folder, "file"), "");
    await expect(check(join(folder, "file"))).rejects.toThrow(/no such folder/);
  });
});

describe("a case over its limit fails and says by how much", () => {
  it("loss", async () => {
    const report = await reportOf("sequence-classification", "expected.json", (json) => ({
      ...json,
      loss: Number(json.loss) * (1 + 3e-5),
    }));
    expect(report.outcome).toBe("failed");
    expect(report.line).toMatch(/loss 3\.0e-5 \(limit 1e-5\), logits [\d.e-]+, gradients/);
  });

  it("logits", async () => {
    const report = await reportOf("sequence-classification", "expected.json", (json) => {
      const logits = json.logits as number[][];
      logits[4][2] += 2e-4;
      return json;
    });
    expect(report.line).toMatch(/logits 2\.0e-4 \(limit 1e-4\)/);
  });

  it("gradients, with the tensor's name", async () => {
    const path = addCase("sequence-regression");
    // Their files differ in the classifier only.
    cpSync(
      join(FIXTURES, "bert/sequence-classification/gradients.safetensors"),
      join(path, "gradients.safetensors"),
    );
    expect((await check())[0].line).toMatch(/gradients Infinity \(classifier\.\w+ is \[3.*limit 1e-3\)/);
  });

  it("a trajectory's losses", async () => {
    const report = await reportOf("trajectory-classification", "steps.json", (json) => {
      const steps = json.steps as { loss: number }[];
      steps[19].loss *= 1.001;
      return json;
    });
    expect(report.line).toMatch(/^20 steps: loss 1\.0e-3 \(limit 1e-4\), gradient norm/);
  });

  it("a trajectory with another optimizer", async () => {
    const report = await reportOf("trajectory-classification", "steps.json", (json) => ({
      ...json,
      optimizer: { ...(json.optimizer as object), weight_decay: 0.3 },
    }));
    expect(report.line).toMatch(/parameters \S+ \(\S+, limit 1e-3\)/);
  });
});

describe("a damaged case fails with the reason, and the others run", () => {
  const damages: [string, (path: string) => void, RegExp][] = [
    ["no configuration", (p) => rmSync(join(p, "config.json")), /config\.json is missing/],
    [
      "a configuration that is not JSON",
      (p) => writeFileSync(join(p, "config.json"), '{"a": '),
      /config\.json:1:\d+: not JSON/,
    ],
    [
      "no model class",
      (p) => edit(p, "config.json", (json) => ({ ...json, architectures: [] })),
      /names no model class/,
    ],
    [
      "an unknown problem type",
      (p) => edit(p, "config.json", (json) => ({ ...json, problem_type: "ranking" })),
      /problem_type "ranking" is not known/,
    ],
    ["cut off weights", (p) => truncateSync(join(p, "model.safetensors"), 5000), /model\.safetensors/],
    [
      "cut off gradients",
      (p) => truncateSync(join(p, "gradients.safetensors"), 5000),
      /gradients\.safetensors/,
    ],
    ["no gradients", (p) => rmSync(join(p, "gradients.safetensors")), /gradients\.safetensors/],
    ["no inputs", (p) => rmSync(join(p, "inputs.json")), /inputs\.json is missing/],
    ["cut off inputs", (p) => truncateSync(join(p, "inputs.json"), 50), /inputs\.json: not JSON/],
    [
      "an id that the vocabulary does not have",
      (p) => edit(p, "inputs.json", (json) => ({ ...json, input_ids: [[120]] })),
      /input_ids are not lists of whole numbers from 0 to 119/,
    ],
    [
      "lists of different lengths",
      (p) => edit(p, "inputs.json", (json) => ({ ...json, attention_mask: [[1, 1]] })),
      /differ in length/,
    ],
    [
      "padding on the left",
      (p) =>
        edit(p, "inputs.json", (json) => ({
          ...json,
          attention_mask: (json.attention_mask as number[][]).map((row) => [0, ...row.slice(1)]),
        })),
      /not ones and then zeros/,
    ],
    [
      "a row that is all padding",
      (p) =>
        edit(p, "inputs.json", (json) => ({
          ...json,
          attention_mask: (json.attention_mask as number[][]).map((row) => row.map(() => 0)),
        })),
      /a row of 0 tokens/,
    ],
    [
      "mixed token types",
      (p) =>
        edit(p, "inputs.json", (json) => ({
          ...json,
          token_type_ids: (json.token_type_ids as number[][]).map((row) => row.map((_, i) => (i + 1) % 2)),
        })),
      /not zeros and then ones/,
    ],
    [
      "a label too few",
      (p) => edit(p, "inputs.json", (json) => ({ ...json, labels: [0, 1] })),
      /labels are not 1 numbers a row/,
    ],
    ["inputs of a trajectory", (p) => edit(p, "inputs.json", (json) => [[json]]), /a list or a value stands/],
    [
      "no loss",
      (p) => edit(p, "expected.json", ({ logits }) => ({ logits })),
      /loss is undefined, expected a number/,
    ],
    ["no logits", (p) => edit(p, "expected.json", ({ loss }) => ({ loss })), /logits are not lists/],
  ];

  it.each(damages)("%s", async (_, damage, reason) => {
    damage(addCase("sequence-classification", "a-damaged"));
    addCase("sequence-regression");
    const [damaged, whole] = await check();
    expect(damaged).toMatchObject({ name: "bert/a-damaged", outcome: "failed" });
    expect(damaged.line).toMatch(reason);
    expect(damaged.line).not.toContain("\n");
    expect(whole).toMatchObject({ name: "bert/sequence-regression", outcome: "passed" });
  });

  it.each([
    [
      "fewer steps than inputs",
      (json: object) => ({ ...json, steps: [{ loss: 1, grad_norm: 1 }] }),
      /20 steps/,
    ],
    ["no steps", (json: object) => ({ ...json, steps: [] }), /where steps are expected/],
    [
      "another optimizer",
      (json: object) => ({ ...json, optimizer: { name: "lamb" } }),
      /optimizer lamb with schedule linear/,
    ],
    ["no betas", (json: object) => ({ ...json, optimizer: {} }), /betas are not two numbers/],
  ])("a trajectory with %s", async (_, change, reason) => {
    const report = await reportOf("trajectory-classification", "steps.json", change);
    expect(report).toMatchObject({ outcome: "failed", line: expect.stringMatching(reason) });
  });
});

describe("tokenizer files", () => {
  const hello = {
    input_ids: [101, 7592, 102],
    token_type_ids: [0, 0, 0],
    attention_mask: [1, 1, 1],
    offsets: [null, [0, 5], null],
    word_ids: [null, 0, null],
    sequence_ids: [null, 0, null],
  };
  const write = (name: string, json: unknown) => {
    mkdirSync(join(folder, "tokenizer"), { recursive: true });
    writeFileSync(join(folder, "tokenizer", name), JSON.stringify(json));
  };
  const file = (tokenizer: string, result: object) => ({
    tokenizer,
    cases: [{ call: { text: "hello" }, result }],
  });

  it("take the vocabulary that they name; the first difference is told", async () => {
    write("a.json", file("uncased", hello));
    write("b.json", file("cased", hello));
    const [same, other] = await check().then((reports) =>
      reports.filter(({ name }) => name.startsWith("tokenizer/")),
    );
    expect(same).toMatchObject({ name: "tokenizer/a.json", outcome: "passed" });
    expect(other).toMatchObject({ name: "tokenizer/b.json", outcome: "failed" });
    expect(other.line).toMatch(/case 0 .*hello.*input_ids\[1\]: expected 7592, got \d+/);
  });

  it.each([
    ["of a third kind", { tokenizer: "other", cases: [{}] }, /is not cased or uncased/],
    ["without cases", { tokenizer: "cased", cases: [] }, /"cases" is no list/],
    ["of another form", ["cased"], /JSON object/],
    ["whose cases are damaged", { tokenizer: "cased", cases: [{}] }, /cannot be read/],
  ])("%s fail", async (_, json, reason) => {
    write("x.json", json);
    const report = (await check())[1];
    expect(report).toMatchObject({ outcome: "failed", line: expect.stringMatching(reason) });
  });
});

describe("metrics.json", () => {
  const write = (text: string) => writeFileSync(join(folder, "metrics.json"), text);

  it("has a line a section, with the first difference", async () => {
    const values = { predictions: [1, 2, 3], references: [1, 2, 3] };
    write(
      JSON.stringify({
        correlation: [{ ...values, mse: 0.5 }],
        perplexity: {},
        multi_label: [{ predictions: [[1]], references: [[1]], hamming: 0 }],
      }),
    );
    const reports = (await check()).slice(2);
    expect(reports.map(({ name, outcome }) => [name, outcome])).toEqual([
      ["metrics.json correlation", "failed"],
      ["metrics.json perplexity", "skipped"],
      ["metrics.json multi_label", "passed"],
    ]);
    expect(reports[0].line).toContain("[0].mse: expected 0.5, got 0");
  });

  it.each([
    ["that is cut off", '{"correlation": [', /cannot be read/],
    ["without sections", "{}", /no sections/],
    ["of another form", "[]", /object of sections/],
  ])("%s fails", async (_, text, reason) => {
    write(text);
    expect((await check())[2]).toMatchObject({
      name: "metrics.json",
      outcome: "failed",
      line: expect.stringMatching(reason),
    });
  });
});
