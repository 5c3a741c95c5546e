/** Progress in each mode, with a clock that the test sets. */
import { describe, expect, it } from "vitest";
import { fakeHost } from "../../../../test/cli/fake-host.ts";
import type { Host } from "../host.ts";
import type { TrainingEvent } from "../library.ts";
import type { ProgressMode } from "../options.ts";
import { layOut } from "./bar.ts";
import { createProgress } from "./progress.ts";

type StepEvent = Extract<TrainingEvent, { type: "step" }>;

function step(at: number, changes: Partial<StepEvent> = {}): StepEvent {
  return {
    type: "step",
    step: at,
    totalSteps: 804,
    epoch: at / 268,
    loss: 0.41234,
    gradientNorm: 1.5,
    learningRate: 4.12e-5,
    tokensPerSecond: 1510.4,
    secondsLeft: 80.2,
    ...changes,
  };
}

const EVALUATION: TrainingEvent = {
  type: "evaluation",
  epoch: 1,
  step: 268,
  metrics: { accuracy: 0.78, matthews_correlation: 0.451 },
  metric: "matthews_correlation",
  baseline: 0,
  best: true,
};

/** What a mode writes for events at the given milliseconds. */
function show(
  mode: ProgressMode,
  events: [ms: number, event: TrainingEvent][],
  changes: Partial<Host> = {},
): string {
  const host = fakeHost({}, changes);
  const progress = createProgress(mode, host);
  for (const [ms, event] of events) {
    host.clock.ms = ms;
    progress.show(event);
  }
  progress.close();
  return host.stderr.text;
}

const one = (event: TrainingEvent) => show("lines", [[0, event]]);

describe("lines", () => {
  it("write a step with all that the reader wants to know", () => {
    expect(one(step(120))).toBe(
      "Step 120 of 804, epoch 0.45: loss 0.412, learning rate 4.1e-5, 1,510 tokens/s, 1 min 20 s left\n",
    );
  });

  it("come at most once a second, but what lasts comes always", () => {
    const events: [number, TrainingEvent][] = Array.from({ length: 31 }, (_, i) => [i * 100, step(i)]);
    events.splice(15, 0, [1450, EVALUATION]);
    const steps = show("lines", events)
      .split("\n")
      .map((line) => /^Step (\d+)|^Epoch/.exec(line)?.[0]);
    expect(steps).toEqual(["Step 0", "Step 10", "Epoch", "Step 20", "Step 30", undefined]);
  });

  it("grow rarer in a long run", () => {
    const hour = Array.from({ length: 3600 }, (_, i): [number, TrainingEvent] => [i * 1000, step(i)]);
    expect(show("lines", hour).split("\n").length).toBeLessThan(400);
  });

  it("have no carriage return and no colour", () => {
    const text = show("lines", [
      [0, step(1)],
      [1, EVALUATION],
      [2, { type: "warning", message: "careful" }],
    ]);
    expect(text).not.toMatch(/[\r\x1b]/);
  });

  it("say that a loss is not a number, and that the time is not known", () => {
    const line = one(step(1, { loss: Number.NaN, secondsLeft: Number.POSITIVE_INFINITY }));
    expect(line).toContain("loss not a number");
    expect(line).toContain("time left not known yet");
  });

  it.each<[TrainingEvent, string]>([
    [
      { type: "runtime", name: "openvino", version: "2026.4.1", precision: "bf16" },
      "Runtime: openvino 2026.4.1, bf16.\n",
    ],
    [{ type: "model", name: "models/x", folder: "models/x", from: "folder" }, "Model: models/x.\n"],
    [
      { type: "model", name: "org/name", folder: "/cache/name", from: "hub" },
      "Model: org/name, from the Hugging Face Hub (/cache/name).\n",
    ],
    [
      { type: "download", file: "model.safetensors", received: 45_000_000, total: 90_900_000 },
      "Downloading model.safetensors: 45.0 of 90.9 MB (49 %)\n",
    ],
    [{ type: "download", file: "vocab.txt", received: 231_000 }, "Downloading vocab.txt: 0.2 MB\n"],
    [
      {
        type: "weights",
        total: 103,
        loaded: 101,
        added: ["classifier.weight", "classifier.bias"],
        unused: [],
      },
      "Encoder: 101 of 101 tensors loaded. New: classifier (2 tensors), as expected.\n",
    ],
    [
      {
        type: "weights",
        total: 105,
        loaded: 101,
        added: ["bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias"],
        unused: ["cls.predictions.bias"],
      },
      "Encoder: 101 of 101 tensors loaded. New: pooler (2 tensors), classifier (2 tensors), as expected. Not used: cls (1 tensor).\n",
    ],
    [
      { type: "weights", total: 103, loaded: 103, added: [], unused: [] },
      "Model: 103 of 103 tensors loaded.\n",
    ],
    [
      {
        type: "data",
        split: "train",
        task: "text-classification",
        name: "train.tsv",
        layout: 'train.tsv: tab-separated, header; text "sentence", label "label"',
        rows: 8551,
        windows: 8551,
        pair: false,
        tokens: 96_000,
        truncated: 12,
        labels: ["0", "1"],
        notes: [],
      },
      "Training: 8,551 rows, 96,000 tokens, 12 rows cut at the maximum length.\n" +
        '  train.tsv: tab-separated, header; text "sentence", label "label"\n  2 labels: 0, 1\n',
    ],
    [
      {
        type: "data",
        split: "validation",
        task: "token-classification",
        name: "dev.conll",
        layout: "dev.conll: CoNLL columns",
        rows: 2,
        windows: 5,
        pair: false,
        tokens: 600,
        truncated: 0,
        labels: ["B-LOC", "O"],
        notes: ["1 longer than 128 tokens, read in overlapping windows"],
      },
      "Validation: 2 sentences in 5 windows, 600 tokens.\n  dev.conll: CoNLL columns\n" +
        "  1 longer than 128 tokens, read in overlapping windows\n",
    ],
    [
      { type: "recipe", lines: ["learning rate 2e-4: 8,551 rows", "3 epochs"] },
      "Recipe:\n  learning rate 2e-4: 8,551 rows\n  3 epochs\n",
    ],
    [
      {
        type: "memory",
        ...{
          weights: 182e6,
          optimizer: 273e6,
          activations: 812e6,
          process: 130e6,
          total: 1.397e9,
          limit: 25.3e9,
        },
        ...{ rows: 32, tokens: 128 },
      },
      "Memory: at most 1.4 GB of 25.3 GB; weights 182 MB, gradients and moments 273 MB, " +
        "a batch of 32 rows of 128 tokens 812 MB, the rest 130 MB.\n",
    ],
    [{ type: "evaluating", done: 320, total: 963 }, "Evaluating: 33 %\n"],
    [EVALUATION, "Epoch 1: matthews_correlation 0.4510 (baseline 0.0000), accuracy 0.7800; best so far.\n"],
    [
      {
        ...EVALUATION,
        metric: "f1",
        metrics: { accuracy: 0.9, f1: 0.5, precision: 0.4, recall: 0.6, macro_f1: 0.1 },
      } as TrainingEvent,
      "Epoch 1: f1 0.5000 (baseline 0.0000), precision 0.4000, recall 0.6000; best so far.\n",
    ],
    [
      {
        ...EVALUATION,
        metric: "f1",
        metrics: { exact_match: 0.4, f1: 0.5, HasAns_exact: 0.3, HasAns_total: 9 },
      } as TrainingEvent,
      "Epoch 1: f1 0.5000 (baseline 0.0000), exact_match 0.4000; best so far.\n",
    ],
    [
      { ...EVALUATION, metric: "accuracy", metrics: { accuracy: 0.9, macro_f1: 0.8 } } as TrainingEvent,
      "Epoch 1: accuracy 0.9000 (baseline 0.0000); best so far.\n",
    ],
    [{ ...EVALUATION, best: false } as TrainingEvent, expect.stringContaining("; not better.\n")],
    [
      { type: "stopped", step: 1200, totalSteps: 2400, reason: "patience" },
      "Stopped after step 1,200 of 2,400: the metric no longer improves.\n",
    ],
    [
      { type: "stopped", step: 7, totalSteps: 9, reason: "time" },
      "Stopped after step 7 of 9: the time limit is reached.\n",
    ],
    [{ type: "saved", folder: "models/x" }, "Saved in models/x.\n"],
    [{ type: "warning", message: "63 texts are cut." }, "Warning: 63 texts are cut.\n"],
  ])("say %o", (event, text) => expect(one(event)).toEqual(text));
});

describe("auto", () => {
  it("is lines where there is no terminal", () => {
    expect(show("auto", [[0, step(1)]])).toMatch(/^Step 1 of 804.*\n$/);
    expect(show("bar", [[0, step(1)]])).toMatch(/^Step 1 of 804.*\n$/);
    expect(show("auto", [[0, step(1)]], { isTTY: true, env: { TERM: "dumb" } })).toMatch(
      /^Step 1 of 804.*\n$/,
    );
  });

  it("is a bar on a terminal", () => {
    const text = show("auto", [[0, step(402)]], { isTTY: true, env: { NO_COLOR: "1" }, columns: () => 100 });
    const line = `${"█".repeat(11)}${"░".repeat(10)}  50 %  step 402/804, loss 0.412, rate 4.1e-5, 1,510 tokens/s, 1 min 20 s left`;
    expect(text).toBe(`\r\x1b[K${line}\r\x1b[K`);
  });
});

describe("bar", () => {
  const terminal = { isTTY: true, columns: () => 80, env: { NO_COLOR: "1" } };

  it("is drawn at most once a second, and at once after a line that stays", () => {
    const text = show(
      "bar",
      [
        [0, step(1)],
        [500, step(2)],
        [600, EVALUATION],
        [700, step(3)],
      ],
      terminal,
    );
    const drawn = [...text.matchAll(/step (\d+)\/804/g)].map((match) => match[1]);
    expect(drawn).toEqual(["1", "3"]);
  });

  it("leaves an empty line when it closes", () => {
    expect(show("bar", [[0, step(1)]], terminal)).toMatch(/\r\x1b\[K$/);
    expect(show("bar", [[0, EVALUATION]], terminal)).not.toContain("\r");
  });

  it("has colours unless they are unwanted", () => {
    expect(show("bar", [[0, step(402)]], { ...terminal, env: {} })).toContain("\x1b[32m");
    expect(show("bar", [[0, step(402)]], terminal)).not.toContain("\x1b[32m");
  });

  it.each([20, 40, 60, 80, 120, 200])("stays within %i columns", (columns) => {
    for (const event of [
      step(402),
      { type: "evaluating", done: 5, total: 10_000 } as const,
      { type: "download", file: "model.safetensors", received: 1e7, total: 9e7 } as const,
      { type: "download", file: "model.safetensors", received: 1e7 } as const,
    ]) {
      const { bar, rest } = layOut(event, columns);
      expect((bar + rest).length).toBeLessThan(columns);
      expect((bar + rest).length).toBeGreaterThan(6);
    }
  });

  it("keeps the step and the time left when there is little room", () => {
    const { rest } = layOut(step(402), 54);
    expect(rest).toContain("step 402/804, 1 min 20 s left");
    expect(rest).not.toContain("tokens/s");
  });
});

describe("json", () => {
  it("is every event as it is, but counts of bytes and rows once a second", () => {
    const events: [number, TrainingEvent][] = [
      [0, step(1)],
      [10, step(2)],
      [20, { type: "evaluating", done: 1, total: 9 }],
      [30, { type: "evaluating", done: 2, total: 9 }],
      [40, EVALUATION],
    ];
    const lines = show("json", events).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      events[0][1],
      events[1][1],
      events[2][1],
      EVALUATION,
    ]);
  });
});

it("none is silent", () => {
  expect(
    show("none", [
      [0, step(1)],
      [1, EVALUATION],
      [2, { type: "warning", message: "x" }],
    ]),
  ).toBe("");
});
