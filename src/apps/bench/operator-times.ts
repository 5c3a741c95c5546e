/** Reads the profile that ONNX Runtime writes of a training step: the time of each kind of operator, by phase. */
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema, type NodeProto } from "onnx-buf";

/** One of the profile's events, times in microseconds. Shapes are such as `{"float": [32, 384]}`. */
export interface ProfileEvent {
  cat: string;
  name: string;
  ts: number;
  dur: number;
  args: {
    op_name?: string;
    node_index?: string;
    input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
    output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

/** What one kind of operator took, per run. */
export interface OperatorTime {
  /** Forward: what the loss and the logits need; empty: a node that is not the model's. */
  readonly phase: "forward" | "backward" | "";
  readonly operator: string;
  readonly ms: number;
  readonly calls: number;
  /** Floating-point operations where it is a matrix product, else 0. */
  readonly operations: number;
}

export interface StepProfile {
  /** Slowest first. */
  readonly operators: readonly OperatorTime[];
  /** Milliseconds of a whole run, what lies between the operators included. */
  readonly runMs: number;
}

const PRODUCTS = new Set(["MatMul", "FusedMatMul"]);

/** `model` is what was run, `events` the profile's; the first run, which is not like the others, is left out. */
export function operatorTimes(events: readonly ProfileEvent[], model: Uint8Array): StepProfile {
  const [first, ...runs] = events.filter(({ name }) => name === "model_run");
  const warm = first.ts + first.dur;
  const forward = forwardNodes(onnxNodes(model));
  const totals = new Map<string, OperatorTime>();
  for (const { cat, name, ts, dur, args } of events) {
    if (cat !== "Node" || !name.endsWith("_kernel_time") || ts < warm) continue;
    const phase = forward.has(Number(args.node_index)) ? "forward" : "backward";
    const operator = args.op_name ?? "";
    const key = `${phase} ${operator}`;
    const { ms, calls, operations } = totals.get(key) ?? { ms: 0, calls: 0, operations: 0 };
    totals.set(key, {
      phase,
      operator,
      ms: ms + dur / 1000 / runs.length,
      calls: calls + 1 / runs.length,
      operations: operations + (PRODUCTS.has(operator) ? productOperations(args) / runs.length : 0),
    });
  }
  return {
    operators: [...totals.values()].sort((a, b) => b.ms - a.ms),
    runMs: runs.reduce((sum, { dur }) => sum + dur / 1000, 0) / runs.length,
  };
}

export function onnxNodes(model: Uint8Array): readonly NodeProto[] {
  return fromBinary(ModelProtoSchema, model).graph?.node ?? [];
}

/** Indexes of the nodes that the loss and the logits need. */
export function forwardNodes(nodes: readonly NodeProto[]): Set<number> {
  const makers = new Map(nodes.flatMap(({ output }, index) => output.map((name) => [name, index] as const)));
  const found = new Set<number>();
  const pending = ["loss", "logits"];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const maker = makers.get(name);
    if (maker === undefined || found.has(maker)) continue;
    found.add(maker);
    pending.push(...nodes[maker].input);
  }
  return found;
}

/** Of G products `[M, K] x [K, N]`, whichever way they are stored: 2 G M N K, and K^2 = |a| |b| / (|y| G). */
function productOperations({ input_type_shape = [], output_type_shape = [] }: ProfileEvent["args"]): number {
  const [a, b, y] = [...input_type_shape.slice(0, 2), output_type_shape[0]].map(
    (shape) => Object.values(shape)[0],
  );
  const groups = volume(y.slice(0, -2));
  const inner = Math.sqrt((volume(a) * volume(b)) / (volume(y) * groups));
  return 2 * volume(y) * Math.round(inner);
}

function volume(dims: readonly number[]): number {
  return dims.reduce((x, y) => x * y, 1);
}
