/** The order of a model's nodes: topological, and late where that is allowed. */
import { expect, it } from "vitest";
import { listingOrder, runOrder } from "./node-order.ts";
import type { OnnxNode } from "./onnx-node.ts";

/** Nodes as `output: inputs`. */
const nodes = (text: string): OnnxNode[] =>
  text.split("; ").map((line) => {
    const [output, inputs] = line.split(": ");
    return { type: "Op", inputs: inputs.split(" "), outputs: [output], attributes: {} };
  });
const names = (list: readonly OnnxNode[]) => list.map(({ outputs }) => outputs[0]).join(" ");

/** Forward a b c, c with a mask; backward dc db da, each with the gradient of a weight, which nothing reads. */
const MADE = nodes(
  "a: x; b: a; mask: m; c: b mask; dc: c b; wc: dc b; db: dc a; wb: db a; da: db x; wa: da x",
);

it("makes results run in the order in which they were made, and what they need as late as it can", () => {
  expect(names(runOrder(MADE))).toBe("mask a b c dc db da wa wb wc");
  expect(names(runOrder(listingOrder(MADE)))).toBe("a b mask c dc wc db wb da wa");
});

it("lists what a node reads before it, and every node once", () => {
  const listed = listingOrder(MADE);
  const before = new Set(["x", "m"]);
  for (const { inputs, outputs } of listed) {
    for (const name of inputs) expect(before, `${outputs} reads ${name}`).toContain(name);
    for (const name of outputs) before.add(name);
  }
  expect(listed).toHaveLength(MADE.length);
  expect(new Set(listed)).toEqual(new Set(MADE));
});
