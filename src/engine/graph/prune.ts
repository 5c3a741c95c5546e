/** The nodes that given outputs need, in order: what nothing reads costs nothing. */
import type { Graph, Node, Tensor } from "./graph.ts";

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
