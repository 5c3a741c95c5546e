/** A graph as text: one line an input, constant, node and output. Tests read it, people diff it. */
import type { AttributeValue, Graph, Tensor } from "./graph.ts";
import { neededNodes } from "./prune.ts";

export function printGraph(graph: Graph, outputs: Readonly<Record<string, Tensor>>): string {
  const { nodes, used } = neededNodes(graph, Object.values(outputs));
  const lines = [
    ...graph.inputs.filter((tensor) => used.has(tensor)).map((tensor) => `input ${describe(tensor)}`),
    ...graph.constants
      .filter(({ tensor }) => used.has(tensor))
      .map(({ tensor, values }) => `constant ${describe(tensor)} = ${values.join(" ")}`),
    ...nodes.map(
      (node) =>
        `${node.outputs.map(describe).join(", ")} = ${node.type}(${node.inputs.map((t) => t.name).join(", ")})${attributes(node.attributes)}`,
    ),
    ...Object.entries(outputs).map(([name, tensor]) => `output ${name} = ${tensor.name}`),
  ];
  return `${lines.join("\n")}\n`;
}

function describe(tensor: Tensor): string {
  return `${tensor.name}: ${tensor.dtype}[${tensor.dims.join(", ")}]`;
}

function attributes(values: Readonly<Record<string, AttributeValue>>): string {
  const entries = Object.entries(values);
  if (entries.length === 0) return "";
  return ` {${entries.map(([key, value]) => `${key}: ${Array.isArray(value) ? `[${value}]` : value}`).join(", ")}}`;
}
