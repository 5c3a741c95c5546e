/** The graphs of a run: one whole training step (forward, loss, gradients), and the forward pass that evaluates. */
import { grad } from "../engine/autodiff/grad.ts";
import type { Dim, Dims } from "../engine/graph/dims.ts";
import { type DType, Graph, type Tensor } from "../engine/graph/graph.ts";
import { printGraph } from "../engine/graph/print.ts";
import { neededNodes } from "../engine/graph/prune.ts";
import { encodeModel, type LoweredGraph, lowerGraph } from "../engine/onnx/emit.ts";
import { peakLiveBytes } from "../engine/onnx/live-bytes.ts";
import { type Lowering, onnxRuntimeLowering } from "../engine/onnx/lowering.ts";
import { productDims } from "../engine/ops/matmul.ts";
import { bert, type EncoderOptions } from "../model/bert.ts";
import type { BertConfig } from "../model/config.ts";
import { Dropout, type MaskSpec } from "../model/layers.ts";
import { packedInputs } from "../model/packed-inputs.ts";
import { type ParameterSpec, Parameters } from "../model/parameters.ts";
import type { Task } from "../tasks/task.ts";
import type { Sizes } from "./batch.ts";

/** A named value of the graph that is not a parameter. */
export interface ValueSpec {
  readonly name: string;
  readonly dtype: DType;
  readonly dims: readonly Dim[];
}

/** A mask as each run provides it. */
export interface MaskFeed extends MaskSpec {
  readonly type: "uint8" | "bfloat16";
  /** Its inputs; as bytes it may have more, in `copies` of the program. */
  readonly inputs: readonly string[];
}

export interface Program {
  /** An ONNX model. */
  readonly model: Uint8Array;
  /** Every parameter of the task's model, in the checkpoint's names. */
  readonly parameters: readonly ParameterSpec[];
  /** Inputs that each run provides. */
  readonly feeds: readonly ValueSpec[];
  /** Further inputs by name, and the mask or feed whose values each run provides to them as well. */
  readonly copies: ReadonlyMap<string, string>;
  /** Inputs in bf16, and the parameter that each is; a parameter that is read so alone is no input in float32. */
  readonly rounded: ReadonlyMap<string, string>;
  readonly masks: readonly MaskFeed[];
  readonly outputs: readonly ValueSpec[];
  /** `[..., M, K, N]` of each matrix product that is computed. */
  readonly products: readonly Dims[];
  /** Bytes of the values that a run of a batch of these sizes makes, its outputs left out, at the worst moment. */
  activationBytes(sizes: Sizes): number;
  /** The graph as text. */
  print(): string;
}

export interface ProgramOptions {
  /** What the runtime's operators are; default those of ONNX Runtime. */
  lowering?: Lowering;
}

export interface TrainingProgramOptions extends ProgramOptions, EncoderOptions {
  /** Names of the parameters that get no gradient: below the lowest that does, there is no backward pass. */
  frozen?: ReadonlySet<string>;
}

/** Output and feed names beside those of `FEEDS`. */
export const NAMES = {
  /** float32 scalar: the loss sum's cotangent, 1 over the step's count. */
  lossWeight: "loss_weight",
  loss: "loss",
  logits: "logits",
  /** [T, H]: gradient of the rows that the three embedding tables gave. */
  rowGradient: "gradient:embedding_rows",
  gradient: (parameter: string) => `gradient:${parameter}`,
} as const;

/**
 * Forward, loss, and gradients of what learns. Embedding tables get no gradient of their own: their rows' gradient is an
 * output.
 */
export function trainingProgram(
  task: Task,
  config: BertConfig,
  { lowering = onnxRuntimeLowering, frozen = new Set(), ...encoder }: TrainingProgramOptions = {},
): Program {
  const { graph, parameters, dropout, inputs, logits, embeddingSum, recomputation } = forward(
    task,
    config,
    true,
    encoder,
  );
  const targets = Object.fromEntries(
    Object.entries(task.targets).map(([name, dims]) => [name, graph.input(name, "float32", dims)]),
  );
  const lossWeight = graph.input(NAMES.lossWeight, "float32", []);
  const loss = task.loss(logits, targets, inputs);
  const learning = parameters.specs.filter(({ name }) => !frozen.has(name));
  const wrt = Object.fromEntries(
    learning.map(({ name, table }) =>
      table ? [NAMES.rowGradient, embeddingSum] : [NAMES.gradient(name), parameters.tensor(name)],
    ),
  );
  const gradients = recomputation.backward(() => grad(loss, Object.values(wrt), lossWeight));
  const outputs = {
    [NAMES.loss]: loss,
    [NAMES.logits]: logits,
    ...Object.fromEntries(Object.keys(wrt).map((name, i) => [name, gradients[i]])),
  };
  return program(graph, parameters, dropout, outputs, lowering);
}

/** Forward only, without dropout: the logits. */
export function evaluationProgram(
  task: Task,
  config: BertConfig,
  { lowering = onnxRuntimeLowering }: ProgramOptions = {},
): Program {
  const { graph, parameters, dropout, logits } = forward(task, config, false);
  return program(graph, parameters, dropout, { [NAMES.logits]: logits }, lowering);
}

function forward(task: Task, config: BertConfig, training: boolean, options?: EncoderOptions) {
  const graph = new Graph();
  const parameters = new Parameters(graph);
  const dropout = new Dropout(graph, training);
  const inputs = packedInputs(graph);
  const encoded = bert(parameters.at("bert"), inputs, config, dropout, task.reads, options);
  const logits = task.head(parameters, encoded, config, dropout);
  return { graph, parameters, dropout, inputs, logits, ...encoded };
}

function program(
  graph: Graph,
  parameters: Parameters,
  dropout: Dropout,
  outputs: Record<string, Tensor>,
  lowering: Lowering,
): Program {
  const { nodes, used } = neededNodes(graph, Object.values(outputs));
  const specs = parameters.specs;
  const known = new Set([...specs, ...dropout.specs].map(({ name }) => name));
  const lowered = lowerGraph(graph, outputs, lowering);
  return {
    model: encodeModel(lowered),
    parameters: specs,
    masks: dropout.specs.map((spec) => maskFeed(spec, lowered)),
    feeds: graph.inputs.filter((tensor) => used.has(tensor) && !known.has(tensor.name)),
    copies: namesOf(lowered.copies),
    rounded: namesOf(lowered.rounded),
    outputs: Object.entries(outputs).map(([name, { dtype, dims }]) => ({ name, dtype, dims })),
    products: nodes.map(productDims).filter((dims) => dims !== undefined),
    activationBytes: (sizes) => peakLiveBytes(lowered, sizes),
    print: () => printGraph(graph, outputs),
  };
}

function maskFeed(spec: MaskSpec, { masks }: LoweredGraph): MaskFeed {
  const inBf16 = [...masks].filter(([, { name }]) => name === spec.name).map(([input]) => input);
  return inBf16.length > 0
    ? { ...spec, type: "bfloat16", inputs: inBf16 }
    : { ...spec, type: "uint8", inputs: [spec.name] };
}

function namesOf(inputs: ReadonlyMap<string, Tensor>): Map<string, string> {
  return new Map([...inputs].map(([name, input]) => [name, input.name]));
}
