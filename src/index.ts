/** The public parts that run anywhere: text, metrics, the graph and its export. `node.ts` adds files and runtimes. */
export { grad } from "./engine/autodiff/grad.ts";
export { customVjp, Graph, type Tensor } from "./engine/graph/graph.ts";
export { printGraph } from "./engine/graph/print.ts";
export { emitModel } from "./engine/onnx/emit.ts";
export { onnxRuntimeLowering, standardLowering } from "./engine/onnx/lowering.ts";
export type { Runtime, Session, TensorView } from "./engine/runtime/session.ts";
export { type BertConfig, parseBertConfig } from "./model/config.ts";
export { type TextClassification, textClassification } from "./tasks/text-classification.ts";
export { classification } from "./text/metrics/classification.ts";
export { multiLabel } from "./text/metrics/multi-label.ts";
export { regression } from "./text/metrics/regression.ts";
export { createTokenizer, type Encoding, type Tokenizer } from "./text/tokenizer/tokenizer.ts";
export { evaluationProgram, type Program, trainingProgram } from "./training/program.ts";
export { InputError, UsageError } from "./util/errors.ts";
