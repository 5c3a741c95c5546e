/** ONNX Runtime runs a training step's nodes in the order that the plan of its memory takes for granted. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, it } from "vitest";
import { resolveDims } from "../src/engine/graph/dims.ts";
import { runOrder } from "../src/engine/onnx/node-order.ts";
import type { OnnxNode } from "../src/engine/onnx/onnx-node.ts";
import { parseBertConfig } from "../src/model/config.ts";
import { textClassification } from "../src/tasks/text-classification.ts";
import { type Program, trainingProgram } from "../src/training/program.ts";

const CONFIG = parseBertConfig(
  {
    ...{ model_type: "bert", vocab_size: 20, hidden_size: 8, num_hidden_layers: 2, num_attention_heads: 2 },
    ...{ intermediate_size: 16, max_position_embeddings: 8 },
  },
  "config.json",
);
const TASK = textClassification({ problemType: "regression", labels: [] });
const SIZES = { B: 2, S: 3, T: 6, G: 2 };

/** The places in the model's list of nodes, in the order in which the library's own profile has them. */
async function profiledOrder(program: Program, folder: string): Promise<number[]> {
  const session = await InferenceSession.create(program.model, {
    ...{ graphOptimizationLevel: "disabled", intraOpNumThreads: 1, logSeverityLevel: 4 },
    ...{ enableProfiling: true, profileFilePrefix: join(folder, "profile") },
  });
  const values = [
    ...program.parameters.map((spec) => ({ ...spec, dtype: "float32" as const })),
    ...program.masks.map((spec) => ({ ...spec, dtype: "uint8" as const })),
    ...program.feeds,
  ];
  const arrays = { float32: Float32Array, uint8: Uint8Array, int64: BigInt64Array } as const;
  const feeds = values.map(({ name, dtype, dims }) => {
    const shape = resolveDims(dims, SIZES);
    const array = arrays[dtype as keyof typeof arrays];
    return [name, new Tensor(dtype, new array(shape.reduce((a, b) => a * b, 1)), shape)] as const;
  });
  await session.run(Object.fromEntries(feeds));
  session.endProfiling();
  const [file] = await readdir(folder);
  const events: { cat: string; name: string; args: { node_index?: string } }[] = JSON.parse(
    await readFile(join(folder, file), "utf8"),
  );
  await session.release();
  const kernels = events.filter(({ cat, name }) => cat === "Node" && name.endsWith("_kernel_time"));
  return kernels.map(({ args }) => Number(args.node_index));
}

it("is the same", async () => {
  const program = trainingProgram(TASK, CONFIG);
  const { node } = fromBinary(ModelProtoSchema, program.model).graph!;
  const listed = node.map(
    ({ opType, input, output }): OnnxNode => ({
      type: opType,
      inputs: input,
      outputs: output,
      attributes: {},
    }),
  );
  const expected = runOrder(listed).map((node) => listed.indexOf(node));
  const folder = await mkdtemp(join(tmpdir(), "order-"));
  try {
    expect(await profiledOrder(program, folder)).toEqual(expected);
  } finally {
    await rm(folder, { recursive: true });
  }
  // A weight's gradient is computed as soon as it can be, so that what it needs is not kept.
  const first = expected.findIndex((i) => listed[i].outputs[0] === "gradient:classifier.weight");
  const last = expected.findIndex((i) =>
    listed[i].outputs[0].includes("layer.0.attention.self.query.weight"),
  );
  expect(last - first).toBeGreaterThan(expected.length / 3);
});
