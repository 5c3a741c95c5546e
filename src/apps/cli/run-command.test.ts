/** The command with a library that only notes its calls: options, exit statuses, messages, results. */
import { describe, expect, it } from "vitest";
import { fakeHost, REPORT, run } from "../../../test/cli/fake-host.ts";
import { InputError, UsageError } from "../../util/errors.ts";

const TRAIN = ["train", "--train", "t.tsv", "--output", "m"];
const EVALUATE = ["evaluate", "--model", "m", "--data", "d.tsv"];
const PREDICT = ["predict", "--model", "m"];

describe("wrong usage has status 2, one message and loads nothing", () => {
  it.each<[string[], string]>([
    [[...TRAIN, "--epoch", "3"], "Unknown option --epoch; did you mean --epochs?"],
    [[...TRAIN, "--epoch=3"], "Unknown option --epoch; did you mean --epochs?"],
    [[...TRAIN, "--batchsize", "3"], "Unknown option --batchsize; did you mean --batch-size?"],
    [[...TRAIN, "--xyzzy"], "Unknown option --xyzzy. See bertwright train --help."],
    [[...TRAIN, "-x"], "Unknown option -x. See bertwright train --help."],
    [[...EVALUATE, "--epochs", "3"], "Unknown option --epochs for evaluate; it belongs to train."],
    [["trein"], 'Unknown command "trein"; did you mean train?'],
    [
      ["dance"],
      'Unknown command "dance"; the commands are train, evaluate, predict, inspect, show-report, compare, runtimes, doctor, verify.',
    ],
    [["runtimes", "instal", "openvino"], 'Unknown command "instal"; did you mean install?'],
    [["runtimes", "all"], 'Unknown command "all"; the commands are install.'],
    [["runtimes", "--jsn"], "Unknown option --jsn; did you mean --json?"],
    [["runtimes", "install"], "bertwright runtimes install needs a runtime: openvino."],
    [["runtimes", "install", "openvnio"], 'Unknown runtime "openvnio"; did you mean openvino?'],
    [["runtimes", "install", "torch"], 'Unknown runtime "torch"; what can be installed: openvino.'],
    [["runtimes", "install", "onnxruntime"], "onnxruntime comes with the package; what can be installed:"],
    [["runtimes", "install", "openvino", "--from"], "--from needs a value: --from FILE."],
    [["runtimes", "install", "openvino", "2026"], 'Unexpected "2026": every value needs its option.'],
    [["runtimes", "install", "openvino", "--form", "x"], "Unknown option --form; did you mean --from?"],
    [["--verbose"], "Unknown option --verbose. See bertwright --help."],
    [[...TRAIN, "more.tsv"], 'Unexpected "more.tsv": every value needs its option.'],
    [[...TRAIN, "--epochs"], "--epochs needs a value: --epochs N."],
    [["train", "--train", "--output", "m"], "--train needs a value: --train FILE."],
    [["train", "--output", "m"], "train needs --train FILE: the rows to learn from."],
    [["train", "--train", "t"], "train needs --output FOLDER: where the model goes."],
    [["evaluate", "--data", "d"], "evaluate needs --model FOLDER"],
    [["evaluate", "--model", "m"], "evaluate needs --data FILE"],
    [["predict", "--text", "x"], "predict needs --model FOLDER"],
    [PREDICT, 'predict needs --text "…", --question "…" --context "…" or --data FILE'],
    [["inspect"], "inspect needs --data FILE"],
    [[...PREDICT, "--text", "a", "--data", "d"], "Give --text or --data, not both."],
    [
      [...PREDICT, "--data", "d", "--text-pair", "b"],
      "--text-pair goes with --text; for --data use --text-pair-column.",
    ],
    [[...PREDICT, "--question", "q"], '--question "…" and --context "…" go together'],
    [[...PREDICT, "--context", "c", "--text", "a"], '--question "…" and --context "…" go together'],
    [
      [...PREDICT, "--question", "q", "--context", "c", "--text", "a"],
      "Give --text or --question, not both.",
    ],
    [[...PREDICT, "--question", "q", "--data", "d"], "Give --question or --data, not both."],
    [
      [...PREDICT, "--question", "q", "--context", "c", "--text-pair", "b"],
      "Give --question or --text-pair,",
    ],
    [
      [...PREDICT, "--data", "d", "--context", "c"],
      "--context goes with --question; for --data use --context-column.",
    ],
    [
      [...PREDICT, "--question", "q", "--context", "c", "--tag-column", "2"],
      "--tag-column says how --data is read; it does not go with --question.",
    ],
    [[...PREDICT, "--text", "a", "--aggregation", "mean"], "--aggregation mean: choose none, simple, first,"],
    [[...TRAIN, "--answer-softmax", "al"], "--answer-softmax al: did you mean all? Choose passage or all."],
    [[...TRAIN, "--doc-stride", "-1"], "--doc-stride -1: it takes a whole number from 0 to 65,536."],
    [[...PREDICT, "--text", "a", "--no-header"], "--no-header says how --data is read"],
    [[...PREDICT, "--text", "a", "--text-column", "1"], "--text-column says how --data is read"],
    [[...TRAIN, "--seed", "1", "--seed", "2"], "--seed is given twice; give it once."],
    [[...TRAIN, "--epochs", "1", "--num-train-epochs", "2"], "--epochs is given twice; give it once."],
    [["train", "--train", "", "--output", "m"], '--train "": the value is empty.'],
    [
      [...TRAIN, "--task", "text-clasification"],
      "--task text-clasification: did you mean text-classification?",
    ],
    [[...TRAIN, "--problem-type", "ranking"], "--problem-type ranking: choose single_label_classification,"],
    [[...TRAIN, "--progress", "loud"], "--progress loud: choose auto, bar, lines, json or none."],
    [
      [...TRAIN, "--runtime", "onnx"],
      "--runtime onnx: choose auto, onnxruntime, onnxruntime-binding or openvino.",
    ],
    [[...PREDICT, "--text", "a", "--runtime", "openvno"], "--runtime openvno: did you mean openvino?"],
    [[...EVALUATE, "--precision", "fp16"], "--precision fp16: choose float32, bf16 or auto."],
    [
      [...TRAIN, "--problem-type", "regression", "--threshold", "0.5"],
      "--threshold has no meaning with --problem-type regression",
    ],
    [
      [...TRAIN, "--problem-type", "single_label_classification", "--label-separator", "|"],
      "--label-separator has no meaning with --problem-type single_label_classification",
    ],
    [
      [...TRAIN, "--problem-type", "regression", "--positive-label", "a"],
      "--positive-label has no meaning with --problem-type regression",
    ],
    [[...TRAIN, "--warmup-steps", "1.5"], "--warmup-steps 1.5: give whole steps, or a share below 1."],
  ])("%j", async (argv, message) => {
    const { status, stdout, stderr, calls } = await run(argv);
    expect(stderr).toContain(`Error: ${message}`);
    expect(stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(3);
    expect(status).toBe(2);
    expect(stdout).toBe("");
    expect(calls.loaded).toBe(0);
  });
});

it("takes a value that looks like an option after an equals sign", async () => {
  const { calls } = await run([...PREDICT, "--text=--data"]);
  expect(calls.stream[0].rows).toEqual([{ text: "--data" }]);
});

describe("help and version", () => {
  it("prints help on stdout and loads nothing", async () => {
    for (const argv of [["--help"], ["train", "--help"], ["predict", "-h"]]) {
      const { status, stdout, stderr, calls } = await run(argv);
      expect([status, stderr, calls.loaded]).toEqual([0, "", 0]);
      expect(stdout).toMatch(/^Usage: bertwright/);
    }
  });

  it("names every spelling that is fixed", async () => {
    const { stdout } = await run(["train", "--help"]);
    const spellings = (
      "task model train validation data output overwrite text-column text-pair-column label-column no-header " +
      "delimiter quote encoding problem-type epochs batch-size max-seq-length learning-rate seed progress json threads"
    ).split(" ");
    const missing = spellings.filter((name) => name !== "data" && !stdout.includes(`--${name}`));
    expect(missing).toEqual([]);
  });

  it("prints the version", async () => {
    expect(await run(["--version"])).toMatchObject({ status: 0, stdout: "1.2.3\n", stderr: "" });
  });

  it("without a command shows the commands and has status 2", async () => {
    const { status, stdout, stderr } = await run([]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/train .*evaluate .*predict .*inspect /s);
  });
});

describe("train's result", () => {
  it("is one object with --json", async () => {
    const { stdout } = await run([...TRAIN, "--json"]);
    expect(stdout.split("\n")).toHaveLength(2);
    expect(JSON.parse(stdout)).toEqual({
      output: "m",
      task: "text-classification",
      metrics: { accuracy: 0.75 },
      seconds: 61.235,
      tokens_per_second: 1234.568,
      peak_memory_mb: 640.25,
      planned_memory_mb: 655,
    });
  });

  it("for people: the metric against the baseline, the folder, the next commands", async () => {
    const host = fakeHost({
      fineTune: async ({ output, onEvent }) => {
        // As of a run that was resumed: the evaluation whose weights are kept is of before the stop.
        const measured = { metric: "accuracy", baseline: 0.6, metrics: { accuracy: 0.7, f1: 0.4 } };
        onEvent?.({ type: "evaluation", epoch: 3, step: 30, best: false, ...measured });
        const costs = { seconds: 61.2, tokensPerSecond: 1234.5, peakMemoryMb: 640.2, plannedMemoryMb: 655 };
        const kept = { step: 20, epoch: 2, baseline: 0.6 };
        const metrics = { accuracy: 0.75, f1: 0.5 };
        return { output, task: "text-classification", metrics, metric: "accuracy", kept, ...costs };
      },
    });
    const argv = [
      "--train",
      "t.tsv",
      "--validation",
      "my dev.tsv",
      "--output",
      "m",
      "--no-header",
      "--quote",
      '"',
    ];
    const { stdout } = await run(["train", ...argv, "--progress", "none"], host);
    expect(stdout).toBe(`
Epoch 2 is kept: accuracy 0.7500 on my dev.tsv (baseline, always the same answer: 0.6000)
  f1 0.5000
Model: m (1 min 1 s, 1,235 tokens/s, 640 MB of memory at most)

Next:
  bertwright show-report m
  bertwright evaluate --model m --data 'my dev.tsv' --quote '"' --no-header
  bertwright predict --model m --text "A text of yours."
`);
  });

  it("says that nothing was measured without validation", async () => {
    const { stdout } = await run(TRAIN);
    expect(stdout).toContain("No --validation");
    expect(stdout).toContain("bertwright evaluate --model m --data FILE\n");
  });
});

describe("the next commands", () => {
  const next = async (...argv: string[]) => {
    const { stdout } = await run(["train", "--train", "t", "--output", "m", ...argv, "--progress", "none"]);
    return stdout.slice(stdout.indexOf("Next:"));
  };

  it("ask a question where questions were learned, and read and cut as training did", async () => {
    const argv = ["--context-column", "body", "--fix-answer-offsets", "--doc-stride", "64"];
    expect(await next("--task", "question-answering", "--validation", "v", ...argv)).toBe(`Next:
  bertwright show-report m
  bertwright evaluate --model m --data v --context-column body --fix-answer-offsets --doc-stride 64
  bertwright predict --model m --question "A question of yours?" --context "A passage that answers it."
`);
  });

  it("have the file of tags", async () => {
    const argv = ["--task", "token-classification", "--train-tags", "t.tags"];
    expect(await next(...argv)).toContain("evaluate --model m --data FILE --data-tags FILE\n");
    const both = await next(
      ...argv,
      "--validation",
      "v",
      "--validation-tags",
      "v.tags",
      "--allow-tag-errors",
    );
    expect(both).toContain("evaluate --model m --data v --allow-tag-errors --data-tags v.tags\n");
    expect(both).toContain('predict --model m --text "A text of yours."\n');
  });
});

describe("evaluate's result", () => {
  it("is one object with --json, and nothing else on stdout", async () => {
    const { stdout, stderr } = await run([...EVALUATE, "--json"]);
    expect(stdout.split("\n")).toHaveLength(2);
    expect(JSON.parse(stdout)).toEqual({
      task: "text-classification",
      examples: 40,
      metrics: { accuracy: 0.75, matthews_correlation: 0.5 },
      seconds: 0.5,
      examples_per_second: 80,
    });
    expect(stderr).toBe("Evaluating: 50 %\n");
  });

  it("is a table for people", async () => {
    const { stdout } = await run([...EVALUATE, "--progress", "none"]);
    expect(stdout).toBe(
      "m on d.tsv: 40 rows in 0.5 s\n  accuracy              0.7500\n  matthews_correlation  0.5000\n",
    );
  });
});

it("evaluate lists the labels, the commonest first, and --json has them and the confusion", async () => {
  const perLabel = [
    { name: "LOC", precision: 0.5, recall: 0.25, f1: 1 / 3, support: 40 },
    { name: "PER", precision: 1, recall: 1, f1: 1, support: 1200 },
  ];
  const confusion = { labels: ["O"], counts: [[7]] };
  const host = () =>
    fakeHost({
      evaluate: async () => ({
        task: "token-classification",
        examples: 2,
        notes: [],
        metrics: { f1: 0.5 },
        perLabel,
        confusion,
        seconds: 1,
        examplesPerSecond: 2,
      }),
    });
  const { stdout } = await run([...EVALUATE, "--progress", "none"], host());
  expect(stdout.split("\n").slice(1)).toEqual([
    "  f1  0.5000",
    "       precision     recall         f1      count",
    "  PER     1.0000     1.0000     1.0000      1,200",
    "  LOC     0.5000     0.2500     0.3333         40",
    "",
  ]);
  const json = await run([...EVALUATE, "--json"], host());
  expect(JSON.parse(json.stdout)).toMatchObject({ per_label: perLabel, confusion });
});

it("evaluate counts what its task has, says what is to know, and shows counts as such", async () => {
  const host = fakeHost({
    evaluate: async () => ({
      task: "question-answering",
      examples: 1200,
      notes: ["3 with passages longer than 384 tokens, read in overlapping windows"],
      metrics: { exact_match: 0.5, HasAns_total: 1100 },
      seconds: 2,
      examplesPerSecond: 600,
    }),
  });
  expect(
    (await run([...EVALUATE, "--progress", "none"], host)).stdout,
  ).toBe(`m on d.tsv: 1,200 questions in 2.0 s
  3 with passages longer than 384 tokens, read in overlapping windows
  exact_match   0.5000
  HasAns_total  1,100
`);
});

it("evaluate says where the answers are", async () => {
  expect((await run([...EVALUATE, "--output", "answers"])).stderr).toContain("Saved in answers.\n");
});

describe("inspect's result", () => {
  it("is the report as text or JSON", async () => {
    expect((await run(["inspect", "--data", "d"])).stdout).toBe("report of 3 rows\n");
    expect((await run(["inspect", "--data", "d", "--json"])).stdout).toBe(`${JSON.stringify(REPORT)}\n`);
  });
});

describe("failures", () => {
  const failing = (error: unknown, env = {}) =>
    fakeHost(
      {
        fineTune: async () => {
          throw error;
        },
      },
      { env },
    );

  it("print an InputError's message and have status 1", async () => {
    const { status, stdout, stderr } = await run(
      TRAIN,
      failing(new InputError("t.tsv: no such file.\nCheck it.")),
    );
    expect({ status, stdout, stderr }).toEqual({
      status: 1,
      stdout: "",
      stderr: "Error: t.tsv: no such file.\nCheck it.\n",
    });
  });

  it("name the flags of options that the library refuses, as far as the command has them", async () => {
    const message =
      "labelAllPieces has no meaning for task text-classification; it is for token-classification.";
    const error = new UsageError(message, ["labelAllPieces", "task"]);
    const trained = await run(TRAIN, failing(error));
    expect(trained).toMatchObject({
      status: 2,
      stderr:
        "Error: --label-all-pieces has no meaning for --task text-classification; it is for token-classification.\n",
    });
    const stride = new UsageError("docStride has no meaning for task text-classification.", [
      "docStride",
      "task",
    ]);
    const host = fakeHost({ evaluate: () => Promise.reject(stride) });
    expect((await run([...EVALUATE, "--progress", "none"], host)).stderr).toBe(
      "Error: --doc-stride has no meaning for task text-classification.\n",
    );
    const epochs = new UsageError("numTrainEpochs is 0, expected a number above 0.", ["numTrainEpochs"]);
    expect((await run(TRAIN, failing(epochs))).stderr).toMatch(/^Error: --epochs is 0/);
  });

  it("print the first line of anything else, and the stack where it is asked for", async () => {
    const error = new TypeError("cannot read x\nof y");
    const { status, stderr } = await run(TRAIN, failing(error));
    expect(status).toBe(1);
    expect(stderr).toBe(
      "Error: cannot read x\nThis was not expected. BERTWRIGHT_DEBUG=1 shows where it happened.\n",
    );
    expect((await run(TRAIN, failing(error, { BERTWRIGHT_DEBUG: "1" }))).stderr).toContain("    at ");
  });

  it("are an object among progress in JSON", async () => {
    const { stderr } = await run([...TRAIN, "--progress", "json"], failing(new InputError("t.tsv: empty.")));
    expect(JSON.parse(stderr)).toEqual({ type: "error", message: "t.tsv: empty." });
  });

  it("have status 130 after an interrupt", async () => {
    const host = fakeHost({
      fineTune: ({ signal }) =>
        new Promise((_, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
          setImmediate(() => host.controller.abort());
        }),
    });
    expect(await run(TRAIN, host)).toMatchObject({ status: 130, stdout: "", stderr: "Interrupted.\n" });
  });
});
