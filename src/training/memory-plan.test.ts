/** The plan of a run's memory by hand, what is advised where it does not fit, and that the advice then fits. */
import { describe, expect, it } from "vitest";
import { tinyRows } from "../../test/helpers/tiny-step.ts";
import { bf16Lowering } from "../engine/onnx/lowering.ts";
import { parseBertConfig } from "../model/config.ts";
import { textClassification } from "../tasks/text-classification.ts";
import { InputError } from "../util/errors.ts";
import {
  chooseRecompute,
  MemoryPlanner,
  type MemorySetting,
  type PlannedRun,
  trainingLowering,
} from "./memory-plan.ts";
import { stepRows } from "./sampler.ts";

const CONFIG = parseBertConfig(
  {
    ...{ model_type: "bert", vocab_size: 50, hidden_size: 64, num_hidden_layers: 4, num_attention_heads: 4 },
    ...{ intermediate_size: 256, max_position_embeddings: 512 },
  },
  "config.json",
);
const TASK = textClassification({ problemType: "single_label_classification", labels: ["a", "b", "c"] });
/** 40 rows, the longest of 400 tokens. */
const ROWS = tinyRows(Array.from({ length: 40 }, (_, i) => 10 * (i + 1)));
const ONNX_RUNTIME = { name: "onnxruntime", precision: "float32", compilesShapes: false } as const;
const GIVEN: MemorySetting = { batchSize: 16, accumulation: 1, checkpointing: false };

const planner = (changes: Partial<PlannedRun> = {}) =>
  new MemoryPlanner({
    task: TASK,
    config: CONFIG,
    runtime: ONNX_RUNTIME,
    sampling: { seed: 1, groupByLength: false, totalSteps: 100 },
    train: ROWS,
    // A process that has held much more would hide the few megabytes of so small a model.
    process: { resident: 100e6, peak: 101e6 },
    ...changes,
  });

/** The setting that a message asks for. */
function asked(message: string, which: number): MemorySetting {
  const text = message.split("\n")[1].split(", or ")[which];
  const value = (name: string, otherwise?: number) => {
    const found = new RegExp(`${name} (\\d+)`).exec(text);
    return found ? Number(found[1]) : otherwise;
  };
  return {
    batchSize: value("--batch-size", GIVEN.batchSize)!,
    accumulation: value("--gradient-accumulation-steps", GIVEN.accumulation)!,
    checkpointing: text.includes("--gradient-checkpointing"),
    maxLength: value("--max-seq-length"),
  };
}

function refusal(limit: number, setting = GIVEN): string {
  try {
    planner().check(setting, limit);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message.split("\n").length).toBeLessThanOrEqual(3);
    return (error as Error).message;
  }
  throw new Error("not refused");
}

describe("a plan", () => {
  const plan = planner().plan(GIVEN);
  const parameters = planner()
    .training(GIVEN)
    .parameters.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b), 0);

  it("has the weights, thrice as much for gradients and moments, and the longest batch", () => {
    expect(plan.weights / (4 * parameters)).toBeCloseTo(1, 1);
    expect(plan.optimizer / (12 * parameters)).toBeCloseTo(1, 1);
    expect([plan.rows, plan.tokens]).toEqual([16, 400]);
    const parts = plan.weights + plan.optimizer + plan.activations + plan.process;
    expect(plan.total).toBeGreaterThanOrEqual(parts);
  });

  it("counts partial gradients", () => {
    const accumulated = planner().plan({ ...GIVEN, accumulation: 2 });
    // The tables' gradients are added row by row as they come.
    const tables = 4 * 64 * (50 + 512 + 2);
    expect((accumulated.optimizer - plan.optimizer) / (4 * parameters - tables)).toBeCloseTo(1, 1);
  });

  it("has neither optimizer nor backward pass of what is frozen", () => {
    const frozen = planner({ freeze: ["embeddings", "encoder.layer.0-2"] }).plan(GIVEN);
    expect(frozen.optimizer).toBeLessThan(0.5 * plan.optimizer);
    expect(frozen.weights).toBe(plan.weights);
    expect(frozen.activations).toBeLessThan(0.6 * plan.activations);
    expect(() => planner({ freeze: ["encoder.layer.4"] })).toThrow("freeze encoder.layer.4 is no part");
  });

  it("shrinks with the batch, with checkpointing and with the rows", () => {
    const activations = (changes: Partial<MemorySetting>) =>
      planner().plan({ ...GIVEN, ...changes }).activations;
    expect(activations({ batchSize: 8 })).toBeLessThan(0.6 * plan.activations);
    expect(activations({ checkpointing: true })).toBeLessThan(0.7 * plan.activations);
    expect(activations({ maxLength: 128 })).toBeLessThan(0.4 * plan.activations);
  });

  it("is of the batches that the run will have, not of the longest rows", () => {
    const first = stepRows({ rows: ROWS.rows, batchSize: 4, accumulation: 1, seed: 1 }).next()
      .value as Uint32Array[];
    const longest = Math.max(...Array.from(first[0], (row) => ROWS.length(row)));
    const sampling = { seed: 1, groupByLength: false, totalSteps: 1 };
    const { rows, tokens } = planner({ sampling }).plan({ ...GIVEN, batchSize: 4 });
    expect([rows, tokens]).toEqual([4, longest]);
    expect(longest).toBeLessThan(400);
  });

  it("holds an evaluation too, where that is larger than training", () => {
    const short = tinyRows([4, 4]);
    const small = planner({ train: short }).plan({ ...GIVEN, batchSize: 1 });
    const evaluated = planner({ train: short, validation: ROWS }).plan({ ...GIVEN, batchSize: 1 });
    expect(evaluated.activations).toBeGreaterThan(2 * small.activations);
  });
});

describe("a run that does not fit", () => {
  const full = planner().plan(GIVEN).total;
  const totalOf = (changes: Partial<MemorySetting>) => planner().plan({ ...GIVEN, ...changes }).total;
  /** The plan's process grows while the tests run. */
  const SLACK = 30e6;

  it("is told what it needs, what there is, and one change that is enough, of each kind", () => {
    const message = refusal(full - 1);
    expect(message).toMatch(
      /^training with 16 rows of up to 400 tokens needs about [\d.]+ MB of memory, this machine has [\d.]+ MB\.\nTake --gradient-checkpointing \([\d.]+ MB\), or --batch-size 8 --gradient-accumulation-steps 2 \([\d.]+ MB\)\.$/,
    );
    for (const which of [0, 1])
      expect(planner().plan(asked(message, which)).total).toBeLessThan(full + SLACK);
  });

  it("is not told to do what it does already", () => {
    const checkpointed = { ...GIVEN, checkpointing: true };
    const message = refusal(totalOf(checkpointed) - 1, checkpointed);
    expect(message).not.toContain("--gradient-checkpointing");
    expect(message).toContain("--batch-size");
  });

  it("keeps the rows of a step where batches shrink", () => {
    const setting = { ...GIVEN, batchSize: 12, accumulation: 3, checkpointing: true };
    const { batchSize, accumulation } = asked(refusal(planner().plan(setting).total - 1, setting), 0);
    expect(batchSize * accumulation).toBe(36);
  });

  it("is told of shorter rows where one row at a time is too much, and of a smaller model at last", () => {
    const planned = planner();
    const one = planned.plan({ batchSize: 1, accumulation: 16, checkpointing: true });
    const parameters = one.process + one.weights + one.optimizer;
    const advice = planned.advice(GIVEN, parameters + 0.7 * one.activations);
    expect(advice).toContain("--max-seq-length");
    const setting = asked(`\n${advice}`, 0);
    expect(planned.plan(setting).total).toBeLessThanOrEqual(parameters + 0.7 * one.activations);
    expect(planned.advice(GIVEN, parameters)).toMatch(/^Take a smaller model/);
  });
});

describe("an error of the runtime", () => {
  it.each([
    "ONNX Runtime: Failed to allocate memory for requested buffer of size 402653184",
    "OpenVINO: std::bad_alloc",
    "Array buffer allocation failed",
  ])("that memory ran out says what to change (%s)", (message) => {
    const cause = new Error(message);
    const explained = planner().explain(cause, GIVEN) as Error;
    expect(explained).toBeInstanceOf(InputError);
    expect(explained.cause).toBe(cause);
    expect(explained.message).toMatch(/^out of memory: a step with 16 rows of up to 400 tokens takes about/);
    expect(explained.message.split("\n")[1]).toMatch(/^Take /);
  });

  it("of another kind is left alone", () => {
    const other = new Error("ONNX Runtime: something else");
    expect(planner().explain(other, GIVEN)).toBe(other);
    expect(planner().explain("text", GIVEN)).toBe("text");
  });
});

it("probabilities are computed again where they would take half a gigabyte, layers where that is asked for", () => {
  const base = parseBertConfig({ model_type: "bert" }, "config.json");
  const sizes = (B: number, S: number) => ({ B, S, T: B * S, G: B });
  expect(chooseRecompute(base, sizes(32, 64))).toBeUndefined();
  expect(chooseRecompute(base, sizes(32, 256))).toBe("attention");
  expect(chooseRecompute(base, sizes(32, 64), { checkpointing: true })).toBe("layers");
  // The backward pass of one layer keeps little.
  expect(chooseRecompute(base, sizes(32, 256), { layers: 1 })).toBeUndefined();
});

it("masks come in bf16 where products are bf16 and memory is not spared, else as bytes", () => {
  const openVino = (precision: "float32" | "bf16") =>
    planner({ runtime: { name: "openvino", precision, compilesShapes: true } });
  const types = (plan: MemoryPlanner, checkpointing: boolean) => [
    ...new Set(plan.training({ ...GIVEN, checkpointing }).masks.map(({ type }) => type)),
  ];
  expect(types(openVino("bf16"), false)).toEqual(["bfloat16"]);
  expect(types(openVino("bf16"), true)).toEqual(["uint8"]);
  expect(types(openVino("float32"), false)).toEqual(["uint8"]);
  expect(types(planner(), false)).toEqual(["uint8"]);
});

it("masks of frozen layers count: they come as bytes where those of all layers are many", () => {
  const base = parseBertConfig({ model_type: "bert" }, "config.json");
  const openVino = { name: "openvino", precision: "bf16", compilesShapes: true } as const;
  const sizes = (B: number, S: number) => ({ B, S, T: B * S, G: B });
  expect(trainingLowering(openVino, base, sizes(32, 128))).toBe(bf16Lowering);
  expect(trainingLowering(openVino, base, sizes(32, 256))).not.toBe(bf16Lowering);
  // One of these four layers learns and is not computed again; the masks of all four would take 820 MB in bf16.
  const config = { ...CONFIG, num_attention_heads: 16 };
  const setting = { ...GIVEN, batchSize: 40 };
  const largest = sizes(40, 400);
  expect(chooseRecompute(config, largest)).toBe("attention");
  expect(chooseRecompute(config, largest, { layers: 1 })).toBeUndefined();
  const freeze = ["embeddings", "encoder.layer.0-2"];
  const { masks } = planner({ runtime: openVino, config, freeze }).training(setting);
  expect(masks.map(({ type }) => type)).toEqual(masks.map(() => "uint8"));
});
