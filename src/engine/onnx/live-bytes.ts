/**
 * How much memory a model's values take at most at once, as ONNX Runtime's allocation planner places them: a node that
 * may write over its input does so, a view shares its memory, and memory that is free is taken again by the next value of
 * the same dims and not given back in between (`SequentialPlanner::ComputeReusePlan`).
 */
import { type Dims, resolveDims } from "../graph/dims.ts";
import type { DType } from "../graph/graph.ts";
import type { LoweredGraph } from "./emit.ts";
import { runOrder } from "./node-order.ts";
import type { OnnxNode } from "./onnx-node.ts";

/** Operators whose output may take the place of an input of its dims that nothing reads afterwards. */
const IN_PLACE: ReadonlySet<string> = new Set([
  ...["Add", "Sub", "Mul", "Div", "Neg", "Exp", "Erf", "Tanh", "Sigmoid", "Softplus", "Relu"],
]);
/** Operators whose output is their first input in other dims. */
const VIEWS: ReadonlySet<string> = new Set(["Reshape", "Unsqueeze", "Squeeze", "Identity"]);

/** Operators whose output, where a lowering adds them, has as many bytes as their first input. */
const SAME_SIZE: ReadonlySet<string> = new Set(["Transpose", "Reshape"]);

const BYTES: Readonly<Record<DType, number>> = { float32: 4, int64: 8, int32: 4, uint8: 1, bool: 1 };

/** Memory that holds values one after the other. */
interface Buffer {
  /** Two values fit the same memory where this is equal. */
  readonly shape: string;
  readonly bytes: number;
  /** Steps of the run, the first and last in which it is needed. */
  readonly from: number;
  until: number;
  /** Values in it that are read later. */
  readonly awaited: Set<string>;
}

/**
 * Bytes of all values that a run makes, but its outputs, whose memory the caller gives, at the worst moment. `sizes`
 * are those of the symbolic dims.
 */
export function peakLiveBytes(lowered: LoweredGraph, sizes: Readonly<Record<string, number>>): number {
  const nodes = runOrder(lowered.nodes);
  const shapes = new Shapes(lowered, nodes, sizes);
  const memory = new Memory(nodes);
  for (const [step, node] of nodes.entries()) {
    for (const name of node.outputs) {
      const { shape, bytes } = shapes.of(name, node);
      if (!Object.hasOwn(lowered.outputs, name)) memory.place(name, { node, step, shape, bytes });
    }
    for (const name of new Set([...node.inputs, ...node.outputs])) memory.release(name, step);
  }
  return memory.peak(nodes.length);
}

/** Buffers in the order of their first value, and what lies in them at a step of the run. */
class Memory {
  readonly #lastRead: ReadonlyMap<string, number>;
  readonly #buffers: Buffer[] = [];
  readonly #placed = new Map<string, Buffer>();
  readonly #free = new Map<string, Buffer[]>();

  constructor(nodes: readonly OnnxNode[]) {
    this.#lastRead = new Map(
      nodes.flatMap(({ inputs }, step) => inputs.map((name) => [name, step] as const)),
    );
  }

  place(
    name: string,
    { node, step, shape, bytes }: { node: OnnxNode; step: number; shape: string; bytes: number },
  ): void {
    const buffer =
      this.#inputBuffer(node, name, step, shape) ??
      this.#free.get(shape)?.pop() ??
      this.#newBuffer(step, shape, bytes);
    buffer.awaited.add(name);
    buffer.until = step;
    this.#placed.set(name, buffer);
  }

  /** Gives a value's memory back where nothing after `step` reads it or another value in the same memory. */
  release(name: string, step: number): void {
    const buffer = this.#placed.get(name);
    if (!buffer || (this.#lastRead.get(name) ?? step) > step) return;
    buffer.awaited.delete(name);
    buffer.until = step;
    if (buffer.awaited.size > 0) return;
    const others = this.#free.get(buffer.shape);
    if (others) others.push(buffer);
    else this.#free.set(buffer.shape, [buffer]);
  }

  peak(steps: number): number {
    const changes = new Float64Array(steps + 1);
    for (const { from, until, bytes } of this.#buffers) {
      changes[from] += bytes;
      changes[until + 1] -= bytes;
    }
    let [now, most] = [0, 0];
    for (const change of changes) {
      now += change;
      most = Math.max(most, now);
    }
    return most;
  }

  #newBuffer(step: number, shape: string, bytes: number): Buffer {
    const buffer: Buffer = { shape, bytes, from: step, until: step, awaited: new Set() };
    this.#buffers.push(buffer);
    return buffer;
  }

  /** The buffer of an input, where the node's first output lies in it. */
  #inputBuffer(
    { type, inputs, outputs }: OnnxNode,
    name: string,
    step: number,
    shape: string,
  ): Buffer | undefined {
    if (name !== outputs[0]) return undefined;
    if (VIEWS.has(type)) return this.#placed.get(inputs[0]);
    if (!IN_PLACE.has(type)) return undefined;
    const input = inputs.find((read) => {
      const buffer = this.#placed.get(read);
      const alone = buffer?.awaited.size === 1 && inputs.filter((other) => other === read).length === 1;
      return alone && buffer.shape === shape && this.#lastRead.get(read) === step;
    });
    return input === undefined ? undefined : this.#placed.get(input);
  }
}

/**
 * Dims and bytes of values. Those that a lowering put in between without telling their dims are as large as what they are
 * reordered to, else they are taken to be as large as what their node reads.
 */
class Shapes {
  readonly #known = new Map<string, { shape: string; bytes: number }>();

  /** `nodes` in the order in which they run. */
  constructor(
    { values, rounded, masks }: LoweredGraph,
    nodes: readonly OnnxNode[],
    sizes: Readonly<Record<string, number>>,
  ) {
    const volume = (dims: Dims) => resolveDims(dims, sizes).reduce((a, b) => a * b, 1);
    for (const [name, { dtype, dims }] of values) {
      this.#known.set(name, { shape: `${dtype}[${dims}]`, bytes: BYTES[dtype] * volume(dims) });
    }
    for (const [name, { dims }] of [...rounded, ...masks]) {
      this.#known.set(name, { shape: `bf16[${dims}]`, bytes: 2 * volume(dims) });
    }
    for (const { type, inputs, outputs } of [...nodes].reverse()) {
      const made = SAME_SIZE.has(type) ? this.#known.get(outputs[0]) : undefined;
      if (made && !this.#known.has(inputs[0])) {
        this.#known.set(inputs[0], { shape: `before ${type} ${made.shape}`, bytes: made.bytes });
      }
    }
  }

  of(name: string, { type, inputs }: OnnxNode): { shape: string; bytes: number } {
    const known = this.#known.get(name);
    if (known) return known;
    const largest = inputs.reduce(
      (most, input) => {
        const read = this.#known.get(input);
        return read && read.bytes > most.bytes ? read : most;
      },
      { shape: "", bytes: 0 },
    );
    const added = { shape: `${type} ${largest.shape}`, bytes: type === "Shape" ? 0 : largest.bytes };
    this.#known.set(name, added);
    return added;
  }
}
