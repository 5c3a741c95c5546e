/**
 * The order in which a model lists its nodes, and the one in which ONNX Runtime then runs them. A sequential run goes
 * depth first from the last listed result back, and of a node's inputs takes the one listed last first
 * (`Graph::ReverseDFSFrom` with `NodeCompare`). Listed as they were made, weight gradients would run after all else and
 * keep every layer's cotangents alive until then, and slopes would be computed before the forward pass is over.
 */
import type { OnnxNode } from "./onnx-node.ts";

/**
 * The nodes in a topological order that makes ONNX Runtime run each as late as its place in `nodes` allows: from the
 * end, always the node that was made first among those whose readers all stand already.
 */
export function listingOrder(nodes: readonly OnnxNode[]): OnnxNode[] {
  const { sources, readers } = edges(nodes);
  const open = readers.map(({ length }) => length);
  const ready = new Set([...nodes.keys()].filter((i) => open[i] === 0));
  const listed: OnnxNode[] = [];
  while (ready.size > 0) {
    const next = Math.min(...ready);
    ready.delete(next);
    listed.push(nodes[next]);
    for (const source of sources[next]) {
      open[source] -= 1;
      if (open[source] === 0) ready.add(source);
    }
  }
  return listed.reverse();
}

/** The nodes of a model, listed so, in the order in which ONNX Runtime runs them. */
export function runOrder(listed: readonly OnnxNode[]): OnnxNode[] {
  const { sources, readers } = edges(listed);
  const order: OnnxNode[] = [];
  const entered = new Set<number>();
  const stack = [...listed.keys()].filter((i) => readers[i].length === 0).map((i) => ({ i, left: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { i, left } = top;
    if (left) order.push(listed[i]);
    if (left || entered.has(i)) continue;
    entered.add(i);
    stack.push({ i, left: true }, ...sources[i].map((k) => ({ i: k, left: false })));
  }
  return order;
}

/** By place in the list: the nodes that a node reads from, ascending, and those that read from it. */
function edges(nodes: readonly OnnxNode[]): { sources: number[][]; readers: number[][] } {
  const maker = new Map(nodes.flatMap(({ outputs }, i) => outputs.map((name) => [name, i] as const)));
  const sources = nodes.map(({ inputs }) => {
    const places = inputs.map((name) => maker.get(name)).filter((place) => place !== undefined);
    return [...new Set(places)].sort((a, b) => a - b);
  });
  const readers: number[][] = nodes.map(() => []);
  for (const [i, places] of sources.entries()) for (const place of places) readers[place].push(i);
  return { sources, readers };
}
