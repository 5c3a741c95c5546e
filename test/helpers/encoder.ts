/** A checkpoint's encoder and pooler alone, forward only, for comparison with what transformers computes. */
import { Graph } from "../../src/engine/graph/graph.ts";
import { neededNodes } from "../../src/engine/graph/prune.ts";
import { emitModel } from "../../src/engine/onnx/emit.ts";
import { onnxRuntimeLowering } from "../../src/engine/onnx/lowering.ts";
import { gatherRows } from "../../src/engine/ops/gather-rows.ts";
import { loadRuntime } from "../../src/engine/runtime/runtimes.ts";
import { bert, pooler } from "../../src/model/bert.ts";
import type { BertConfig } from "../../src/model/config.ts";
import { Dropout } from "../../src/model/layers.ts";
import { packedInputs } from "../../src/model/packed-inputs.ts";
import { Parameters } from "../../src/model/parameters.ts";
import type { Features } from "../../src/tasks/features.ts";
import { allocate, batchBytes, largestSizes, packBatch } from "../../src/training/batch.ts";
import { loadWeights, planWeights } from "../../src/training/load-weights.ts";
import type { ModelFiles } from "../../src/training/model-files.ts";
import { ParameterStore } from "../../src/training/parameter-store.ts";

/** Letters: T tokens of a batch, B its rows, H hidden size. */
export interface Encoder {
  /** Numbers in all parameters. */
  readonly parameters: number;
  /** The rows of `features` as one batch: hidden states `[T, H]` (with `"cls"`: `[B, H]`) and pooled `[B, H]`. */
  encode(features: Features): Promise<{ hidden: Float32Array; pooled: Float32Array }>;
  dispose(): void;
}

/** `reads: "cls"` runs the last layer on the `[CLS]` rows alone, as heads of whole texts do. */
export async function loadEncoder(
  files: ModelFiles,
  { reads, largest }: { reads: "all" | "cls"; largest: Features },
): Promise<Encoder> {
  const { config, checkpoint, folder } = files;
  const { parameters, outputs, feeds, model } = encoderProgram(config, reads);
  const values = Object.values(outputs).map(({ dims }) => ({ dims, bytes: 4 }));
  const store = await ParameterStore.create(parameters, {
    training: false,
    batchBytes: batchBytes(values, largestSizes(largest, largest.rows)),
  });
  const plan = planWeights(checkpoint, parameters, folder, { complete: true });
  await loadWeights(checkpoint, plan, store, { seed: 0, initializerRange: 0 });
  const session = await (await loadRuntime("auto")).createSession(model);
  session.bind(store.views({ parameters, rounded: new Map() }));
  return {
    parameters: store.parameters.reduce((sum, { weight }) => sum + weight.length, 0),
    async encode(features) {
      const mark = store.arena.mark();
      const rows = Array.from({ length: features.rows }, (_, row) => row);
      const batch = packBatch(store.arena, features, rows, feeds);
      const [hidden, pooled] = [outputs.hidden, outputs.pooled].map((spec) =>
        allocate(store.arena, spec, batch.sizes),
      );
      await session.run(batch.feeds, { hidden, pooled });
      store.arena.release(mark);
      return { hidden: hidden.data.slice() as Float32Array, pooled: pooled.data.slice() as Float32Array };
    },
    dispose: () => session.dispose(),
  };
}

function encoderProgram(config: BertConfig, reads: "all" | "cls") {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const inputs = packedInputs(graph);
  const { hidden } = bert(parameters.at("bert"), inputs, config, new Dropout(graph, false), reads);
  const cls = reads === "cls" ? hidden : gatherRows(hidden, inputs.clsRows, inputs.clsInverse);
  const outputs = { hidden, pooled: pooler(parameters.at("bert.pooler"), cls, config) };
  const { used } = neededNodes(graph, Object.values(outputs));
  return {
    outputs,
    parameters: parameters.specs,
    feeds: new Set(graph.inputs.filter((tensor) => used.has(tensor)).map(({ name }) => name)),
    model: emitModel(graph, outputs, onnxRuntimeLowering),
  };
}
