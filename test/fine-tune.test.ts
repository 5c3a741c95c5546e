/** `fineTune` from rows and a model folder to a new folder: what it learns, writes, says, repeats and refuses. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Checkpoint, openCheckpoint } from "../src/files/checkpoint.ts";
import {
  type FineTuneOptions,
  fineTune,
  InputError,
  NonFiniteError,
  type TrainingEvent,
} from "../src/node.ts";
import {
  CONFIG,
  encodeSafetensors,
  tensorShapes,
  tinyRows,
  VOCABULARY,
  writeTinyModel,
} from "./cli/tiny-model.ts";
import { ENOUGH, makeFolder, sentimentRows } from "./helpers/tiny-runs.ts";

let folder: ReturnType<typeof makeFolder>;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

const train = sentimentRows(64);
const validation = sentimentRows(24);
const start = (options: Partial<FineTuneOptions> = {}) =>
  fineTune({ ...ENOUGH, model: folder.model, train, ...options });
/** Two steps: for what does not need learning. */
const brief = (options: Partial<FineTuneOptions> = {}) => start({ maxSteps: 2, ...options });
const json = (...parts: string[]) => JSON.parse(readFileSync(folder.path(...parts), "utf8"));

async function refusal(call: Promise<unknown>): Promise<Error> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message.split("\n").length).toBeLessThanOrEqual(3);
  return error as Error;
}

async function* later<T>(rows: readonly T[]) {
  for (const row of rows) {
    await Promise.resolve();
    yield row;
  }
}

describe("learns what a word decides", () => {
  it.each(["onnxruntime", "onnxruntime-binding"] as const)("with %s, on several threads", async (runtime) => {
    const { metrics } = await start({ validation, runtime, threads: 2 });
    expect(metrics.accuracy).toBe(1);
  });

  it("from rows in memory", async () => {
    const { metrics, output } = await start({ validation });
    expect(metrics.accuracy).toBe(1);
    expect(output).toBeUndefined();
  });

  it("from files, an iterator and an array to the same numbers", async () => {
    writeFileSync(folder.path("train.tsv"), tinyRows(64));
    writeFileSync(folder.path("dev.tsv"), tinyRows(24));
    const files = { train: folder.path("train.tsv"), validation: folder.path("dev.tsv") };
    const results = [
      await brief({ validation }),
      await brief({ train: later(train), validation: later(validation) }),
      await brief(files),
    ];
    expect(results[1].metrics).toEqual(results[0].metrics);
    expect(results[2].metrics).toEqual(results[0].metrics);
  });
});

describe("the output folder", () => {
  it("is a model of transformers, whole", async () => {
    const { output } = await brief({ validation, output: folder.path("whole"), positiveLabel: "negative" });
    expect(output).toBe(folder.path("whole"));
    expect(readdirSync(folder.path("whole")).sort()).toEqual([
      "README.md",
      "all_results.json",
      "config.json",
      "data-report.json",
      "errors.csv",
      "evaluation.json",
      "metrics.jsonl",
      "model.safetensors",
      "plots",
      "predictions.jsonl",
      "report.html",
      "results.csv",
      "run.json",
      "special_tokens_map.json",
      "tokenizer.json",
      "tokenizer_config.json",
      "trainer_state.json",
      "vocab.txt",
    ]);
    expect(json("whole", "config.json")).toMatchObject({
      ...CONFIG,
      architectures: ["BertForSequenceClassification"],
      problem_type: "single_label_classification",
      id2label: { "0": "negative", "1": "positive" },
      label2id: { negative: 0, positive: 1 },
      bertwright: { task: "text-classification", head_layers: 0, positive: 0, max_seq_length: 64 },
    });
    expect(json("whole", "trainer_state.json")).toMatchObject({ global_step: 2, max_steps: 2 });
    expect(json("whole", "all_results.json")).toMatchObject({
      eval_accuracy: expect.any(Number),
      runtime: expect.stringMatching(/^(onnxruntime|openvino) \d/),
      precision: "float32",
    });
  });

  it("without validation holds the last weights and no metrics", async () => {
    const { metrics } = await brief({ output: folder.path("last") });
    expect(metrics).toEqual({});
    expect(Object.keys(json("last", "all_results.json"))).toEqual([
      "epoch",
      "train_loss",
      "runtime",
      "precision",
    ]);
  });

  it("that holds something is refused before any work, and replaced where that was asked for", async () => {
    const output = folder.path("taken");
    await brief({ output, seed: 1 });
    const before = readFileSync(folder.path("taken", "model.safetensors"));
    const events: TrainingEvent[] = [];
    const { message } = await refusal(brief({ output, onEvent: (event) => events.push(event) }));
    expect(message).toContain(output);
    expect(events).toEqual([]);
    expect(readFileSync(folder.path("taken", "model.safetensors")).equals(before)).toBe(true);
    await brief({ output, seed: 2, overwrite: true });
    expect(readFileSync(folder.path("taken", "model.safetensors")).equals(before)).toBe(false);
  });
});

it("one seed gives the same bytes twice, another gives others", async () => {
  const weights = async (name: string, seed: number) => {
    // Dropout on: its masks must repeat as well.
    await brief({ output: folder.path(name), seed, dropout: 0.1 });
    return readFileSync(folder.path(name, "model.safetensors"));
  };
  const [one, again, other] = [await weights("s1", 1), await weights("s2", 1), await weights("s3", 2)];
  expect(again.equals(one)).toBe(true);
  expect(other.equals(one)).toBe(false);
});

it("events are plain data, in the order of the work", async () => {
  const events: TrainingEvent[] = [];
  await brief({
    validation,
    maxSteps: 9,
    output: folder.path("events"),
    onEvent: (event) => events.push(event),
  });
  expect(JSON.parse(JSON.stringify(events))).toEqual(events);
  const types = events.map(({ type }) => type);
  const steps = (count: number) => Array.from({ length: count }, () => "step");
  expect(types).toEqual([
    ...["runtime", "model", "data", "data", "weights", "recipe", "memory"],
    ...[...steps(8), "evaluating", "evaluation", "saving", "checkpoint"],
    ...["step", "evaluating", "evaluation", "saving", "saved", "evaluating"],
  ]);
  const [runtime, model, first, , weights] = events;
  expect(runtime).toMatchObject({ name: "onnxruntime", precision: "float32" });
  expect(model).toMatchObject({ type: "model", folder: folder.model, from: "folder" });
  expect(first).toMatchObject({ split: "train", rows: 64, pair: false, labels: ["negative", "positive"] });
  expect(weights).toMatchObject({ added: ["classifier.weight", "classifier.bias"], unused: [] });
  const numbers = events.flatMap((event) => (event.type === "step" ? [event.step] : []));
  expect(numbers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

it("the record has each step and each evaluation, and but for its times depends on the run alone", async () => {
  const record = async (name: string, seed: number) => {
    await brief({ validation, maxSteps: 5, evalSteps: 2, output: folder.path(name), seed, dropout: 0.1 });
    const lines = readFileSync(folder.path(name, "metrics.jsonl"), "utf8").trimEnd().split("\n");
    return lines.map((line) => {
      const { seconds, tokens_per_second, ...rest } = JSON.parse(line);
      expect(seconds).toBeGreaterThanOrEqual(0);
      return rest;
    });
  };
  const [one, again, other] = [await record("r1", 1), await record("r2", 1), await record("r3", 2)];
  expect(one.map(({ type, step }) => [type, step])).toEqual([
    ...[
      ["step", 1],
      ["step", 2],
      ["evaluation", 2],
    ],
    ...[
      ["step", 3],
      ["step", 4],
      ["evaluation", 4],
    ],
    ...[
      ["step", 5],
      ["evaluation", 5],
    ],
  ]);
  expect(again).toEqual(one);
  expect(other).not.toEqual(one);
  const { eval_accuracy } = one.find(({ best }) => best) ?? {};
  const rows = readFileSync(folder.path("r1", "results.csv"), "utf8").trimEnd().split("\n").slice(1);
  expect(rows.map((row) => row.split(",")[0])).toEqual(["2", "4", "5"]);
  expect(json("r1", "all_results.json").eval_accuracy).toBeGreaterThanOrEqual(eval_accuracy);
});

it("gradient checkpointing changes memory alone", async () => {
  const losses = async (gradientCheckpointing: boolean) => {
    const events: TrainingEvent[] = [];
    await brief({ dropout: 0.1, maxSteps: 4, gradientCheckpointing, onEvent: (event) => events.push(event) });
    const memory = events.find((event) => event.type === "memory");
    return {
      steps: events.flatMap((event) => (event.type === "step" ? [[event.loss, event.gradientNorm]] : [])),
      activations: memory?.activations ?? 0,
    };
  };
  const [kept, again] = [await losses(false), await losses(true)];
  expect(kept.steps).toHaveLength(4);
  expect(again.steps).toEqual(kept.steps);
  expect(again.activations).toBeLessThan(kept.activations);
});

it("what is frozen is saved as it came, and the rest is not", async () => {
  const events: TrainingEvent[] = [];
  const output = folder.path("frozen");
  const freeze = ["embeddings", "encoder.layer.0", "pooler.dense.bias"];
  await brief({ output, freeze, validation, dropout: 0.1, onEvent: (event) => events.push(event) });
  const recipe = events.find((event) => event.type === "recipe");
  expect(recipe?.lines.at(-1)).toMatch(/^[\d,]+ of [\d,]+ parameters learn \(frozen: embeddings, encoder/);
  const [before, after] = [await openCheckpoint(folder.model), await openCheckpoint(output)];
  const read = async (checkpoint: Checkpoint, name: string) => {
    const values = new Float32Array(checkpoint.tensors.get(name)!.shape.reduce((a, b) => a * b, 1));
    await checkpoint.readFloat32(name, values);
    return values;
  };
  const same: string[] = [];
  for (const name of before.tensors.keys()) {
    const [was, is] = [await read(before, name), await read(after, `bert.${name}`)];
    if (was.every((value, i) => Object.is(value, is[i]))) same.push(name);
  }
  await Promise.all([before.close(), after.close()]);
  const frozen = /^(embeddings|encoder\.layer\.0\.|pooler\.dense\.bias)/;
  expect(same).toEqual([...before.tensors.keys()].filter((name) => frozen.test(name)));
  expect(same.length).toBeGreaterThan(20);
});

describe("a step that is not finite", () => {
  /** The number of one row is none in float32. */
  const numbers = Array.from({ length: 24 }, (_, i) => ({
    text: i % 2 ? "good day" : "bad day",
    label: i === 9 ? 1e39 : i / 10,
  }));
  const regress = (options: Partial<FineTuneOptions>) => brief({ train: numbers, maxSteps: 6, ...options });

  it("stops the run, names its rows, and nothing is saved", async () => {
    const output = folder.path("not-finite");
    const error = await refusal(regress({ output }));
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error.message).toMatch(
      /^step [123]: the loss is Infinity.*\nThe label is not finite in training row 10\. /,
    );
    expect(readdirSync(output)).toEqual(["metrics.jsonl", "plots", "report.html", "run.json"]);
  });

  it("that is the first is told as it is, though there is nothing to report yet", async () => {
    const whole = { output: folder.path("first"), perDeviceTrainBatchSize: numbers.length };
    const { message } = await refusal(regress(whole));
    expect(message).toMatch(/^step 1: the loss is Infinity/);
  });

  it("is left out where that is asked for", async () => {
    const events: TrainingEvent[] = [];
    const onEvent = (event: TrainingEvent) => events.push(event);
    await regress({ output: folder.path("skipped"), onNonFinite: "skip", onEvent });
    const steps = events.flatMap((event) => (event.type === "step" ? [event.loss] : []));
    // Three steps an epoch, one of them with the row, two epochs.
    expect(steps).toHaveLength(4);
    expect(steps.every(Number.isFinite)).toBe(true);
    expect(events.filter(({ type }) => type === "warning")).toHaveLength(2);
    expect(json("skipped", "trainer_state.json")).toMatchObject({ global_step: 6 });
  });
});

it("a dropout that is given holds everywhere, before the classifier too", async () => {
  const other = writeTinyModel(folder.path("dropping"), { config: { classifier_dropout: 0.9 } });
  const losses = async (options: Partial<FineTuneOptions>) => {
    const list: number[] = [];
    await brief({ ...options, onEvent: (event) => event.type === "step" && list.push(event.loss) });
    return list;
  };
  expect(await losses({ model: other, dropout: 0 })).toEqual(await losses({ dropout: 0 }));
  expect(await losses({ model: other, dropout: 0.5 })).not.toEqual(await losses({ dropout: 0 }));
});

describe("an abort", () => {
  it("in the middle rejects with its reason and leaves a checkpoint and no model", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const onEvent = ({ type }: TrainingEvent) => type === "step" && controller.abort(reason);
    const output = folder.path("aborted");
    await expect(start({ output, onEvent, signal: controller.signal })).rejects.toBe(reason);
    // What was done until then stays, to go on from and to be looked at; a model is not there.
    expect(readdirSync(output)).toEqual([
      ...["checkpoints", "metrics.jsonl", "plots", "report.html", "run.json"],
    ]);
    expect(readFileSync(folder.path("aborted", "metrics.jsonl"), "utf8").match(/"step":1,/)).not.toBeNull();
    await brief({ output, overwrite: true });
    expect(existsSync(folder.path("aborted", "config.json"))).toBe(true);
  });

  it("before the start trains no step", async () => {
    const events: string[] = [];
    const options = { signal: AbortSignal.abort(), onEvent: ({ type }: TrainingEvent) => events.push(type) };
    await expect(start(options)).rejects.toThrow(/abort/i);
    expect(events).not.toContain("step");
  });
});

describe("refuses", () => {
  it.each([
    ["another kind of model", { config: { model_type: "gpt2" } }, 'model_type "gpt2"'],
    ["a vocabulary smaller than the embedding", { vocabulary: VOCABULARY.slice(0, -20) }, "vocabulary"],
    ["a tensor of another shape", { config: { intermediate_size: 65 } }, "intermediate.dense.weight"],
    ["layers that the weights lack", { config: { num_hidden_layers: 3 } }, "the weights lack"],
    [
      "weights that are cut off",
      { weights: encodeSafetensors(tensorShapes(CONFIG)).subarray(0, -100) },
      "model.safetensors",
    ],
  ])("%s", async (name, changes, expected) => {
    const model = writeTinyModel(folder.path(`bad: ${name}`), changes);
    const { message } = await refusal(brief({ model, output: folder.path("never") }));
    expect(message).toContain(expected);
    expect(message).toContain(`bad: ${name}`);
    expect(existsSync(folder.path("never"))).toBe(false);
  });

  it("validation labels that training does not have", async () => {
    const unknown = [...validation, { text: "so so", label: "neutral" }];
    expect((await refusal(brief({ validation: unknown }))).message).toContain("neutral");
  });

  it("a positive label and a metric that do not exist", async () => {
    expect((await refusal(brief({ positiveLabel: "positiv" }))).message).toContain("Did you mean positive?");
    const metric = await refusal(brief({ validation, metricForBestModel: "pearson" }));
    expect(metric.message).toContain("accuracy");
    // A name that every object has is no metric.
    await refusal(brief({ validation, metricForBestModel: "toString" }));
  });

  it("to freeze what the model does not have, or all of it", async () => {
    const { message } = await refusal(brief({ freeze: ["encoder.layer.1-2"] }));
    expect(message).toMatch(/encoder\.layer\.2 is no part of this model\.\nIt has .*encoder\.layer\.0-1/);
    expect((await refusal(brief({ freeze: ["*"] }))).message).toContain("nothing is left to learn");
  });

  it("a length above the model's positions", async () => {
    expect((await refusal(brief({ maxSeqLength: 65 }))).message).toContain("64 positions");
  });
});
