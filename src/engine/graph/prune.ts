/** What given outputs are made of. */
import type { Graph, Node, Tensor } from "./graph.ts";

/** The nodes that outputs need, in order, and all values of theirs: what nothing reads costs nothing. */
export function neededNodes(graph: Graph, outputs: Iterable<Tensor>): { nodes: Node[]; used: Set<Tensor> } {
  const used = new Set(outputs);
  const nodes: Node[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    if (!node.outputs.some((tensor) => used.has(tensor))) continue;
    for (const input of node.inputs) used.add(input);
    nodes.push(node);
  }
  return { nodes: nodes.reverse(), used };
}

/** Values that are read on the way to `outputs`, not beyond a node that `isEnd`. `nodes`: those that they need, in order. */
export function leadingTo(
  outputs: Iterable<Tensor>,
  nodes: readonly Node[],
  isEnd: (node: Node) => boolean,
): Set<Tensor> {
  const made = new Set(outputs);
  const leading = new Set<Tensor>();
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    if (isEnd(node) || !node.outputs.some((tensor) => made.has(tensor) || leading.has(tensor))) continue;
    for (const input of node.inputs) leading.add(input);
  }
  return leading;
}
