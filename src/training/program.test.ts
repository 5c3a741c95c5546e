/** The two graphs of a run: what they take and give, what is left out, and the same numbers from either lowering. */
import { fromBinary } from "@bufbuild/protobuf";
import { ModelProtoSchema } from "onnx-buf";
import { describe, expect, it } from "vitest";
import { tinyRows, tinyStep } from "../../test/helpers/tiny-step.ts";
import { bf16Lowering, onnxRuntimeLowering, standardLowering } from "../engine/onnx/lowering.ts";
import { type BertConfig, parseBertConfig } from "../model/config.ts";
import { type TextClassificationOptions, textClassification } from "../tasks/text-classification.ts";
import { evaluationProgram, NAMES, type Program, trainingProgram } from "./program.ts";

const CONFIG = parseBertConfig(
  {
    ...{ model_type: "bert", vocab_size: 30, hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2 },
    ...{ intermediate_size: 20, max_position_embeddings: 12 },
  },
  "config.json",
);
const CLASSES: TextClassificationOptions = {
  problemType: "single_label_classification",
  labels: ["a", "b", "c"],
};
const TASK = textClassification(CLASSES);

const withLayers = (layers: number): BertConfig => ({ ...CONFIG, num_hidden_layers: layers });
const graphOf = ({ model }: Program) => fromBinary(ModelProtoSchema, model).graph!;
const names = (values: readonly { name: string }[]) => values.map(({ name }) => name);
const RECOMPUTE = [undefined, "attention", "layers"] as const;

describe("the training program", () => {
  const program = trainingProgram(TASK, CONFIG);
  const graph = graphOf(program);

  it("takes all parameters, and the masks and feeds that it names", () => {
    const [parameters, masks, feeds] = [
      names(program.parameters),
      names(program.masks),
      names(program.feeds),
    ];
    expect(names(graph.input).sort()).toEqual([...parameters, ...masks, ...feeds].sort());
    expect(masks).toHaveLength(5);
    expect(feeds).toEqual(expect.arrayContaining(["targets", NAMES.lossWeight, "input_ids", "cls_inverse"]));
  });

  it("gives loss, logits, the embedding rows' gradient and one gradient a parameter that is no table", () => {
    const dense = program.parameters.filter(({ table }) => !table);
    expect(names(program.parameters.filter(({ table }) => table))).toHaveLength(3);
    expect(names(graph.output).sort()).toEqual(
      [NAMES.loss, NAMES.logits, NAMES.rowGradient, ...dense.map(({ name }) => NAMES.gradient(name))].sort(),
    );
    // In the order in which they are made: a runtime that computes one after the other keeps the least.
    const place = (name: string) => names(graph.output).indexOf(name);
    const [first, last] = ["classifier.weight", "bert.encoder.layer.0.attention.self.value.weight"];
    expect(place(NAMES.loss)).toBeLessThan(place(NAMES.gradient(first)));
    expect(place(NAMES.gradient(first))).toBeLessThan(place(NAMES.gradient(last)));
    expect(place(NAMES.gradient(last))).toBeLessThan(place(NAMES.rowGradient));
    const dims = new Map(program.outputs.map((output) => [output.name, output.dims]));
    expect(dims.get(NAMES.loss)).toEqual([]);
    expect(dims.get(NAMES.logits)).toEqual(["B", 3]);
    expect(dims.get(NAMES.rowGradient)).toEqual(["T", 8]);
    for (const { name, dims: own } of dense) expect(dims.get(NAMES.gradient(name)), name).toEqual(own);
  });

  it("has no node whose results nothing reads", () => {
    const read = new Set([...graph.node.flatMap(({ input }) => input), ...names(graph.output)]);
    expect(graph.node.filter(({ output }) => !output.some((name) => read.has(name)))).toEqual([]);
  });

  it("leaves feeds out that the last layer's [CLS] rows make needless", () => {
    // With one layer there is one query a row, so nothing lies in bins.
    const bins = ["bins", "zero_padded_bins", "places", "bin_bias"];
    expect(names(program.feeds).filter((name) => bins.includes(name))).toEqual([]);
    expect(names(trainingProgram(TASK, withLayers(2)).feeds)).toEqual(expect.arrayContaining(bins));
  });

  it("grows by the same number of nodes a layer", () => {
    const counts = [1, 2, 3, 4].map(
      (layers) => graphOf(trainingProgram(TASK, withLayers(layers))).node.length,
    );
    const perLayer = counts[2] - counts[1];
    expect(counts[3] - counts[2]).toBe(perLayer);
    // Forward some 45, backward some 100.
    expect(perLayer).toBeGreaterThan(100);
    expect(perLayer).toBeLessThan(200);
  });

  it("uses the operators that every runtime has, once it is lowered for any", () => {
    const { node } = graphOf(trainingProgram(TASK, CONFIG, { lowering: standardLowering }));
    expect(new Set(node.map(({ domain }) => domain))).toEqual(new Set([""]));
  });

  it("is the same each time", () => {
    expect(trainingProgram(TASK, CONFIG).model).toEqual(program.model);
    expect(trainingProgram(TASK, CONFIG).print()).toBe(program.print());
  });
});

describe("the evaluation program", () => {
  it("has training's parameters, gives logits alone, and takes neither masks nor targets", () => {
    for (const headLayers of [0, 2]) {
      const task = textClassification({ ...CLASSES, headLayers });
      const [training, evaluation] = [trainingProgram(task, CONFIG), evaluationProgram(task, CONFIG)];
      expect(evaluation.parameters).toEqual(training.parameters);
      expect(names(graphOf(evaluation).output)).toEqual([NAMES.logits]);
      expect(evaluation.masks).toEqual([]);
      expect(names(evaluation.feeds).sort()).toEqual([
        ...["cls_rows", "grid", "input_ids", "key_bias", "position_ids", "token_type_ids"],
      ]);
    }
  });
});

describe("problem types", () => {
  it.each([
    ["regression", [], ["B", 1]],
    ["multi_label_classification", ["a", "b", "c", "d"], ["B", 4]],
  ] as const)("%s has logits and targets of its own width", (problemType, labels, dims) => {
    const { outputs, feeds } = trainingProgram(textClassification({ problemType, labels }), CONFIG);
    expect(outputs.find(({ name }) => name === NAMES.logits)?.dims).toEqual(dims);
    expect(feeds.find(({ name }) => name === "targets")?.dims).toEqual(dims);
  });
});

describe("masks", () => {
  it.each(RECOMPUTE)(
    "have one reader an input for a runtime that merges nodes (recompute: %s)",
    (recompute) => {
      const program = trainingProgram(TASK, withLayers(3), { recompute, lowering: standardLowering });
      const { node, input } = graphOf(program);
      const readers = (mask: string) => node.filter((one) => one.input.includes(mask)).length;
      for (const { name } of program.masks) {
        const copies = [...program.copies.keys()].filter((copy) => program.copies.get(copy) === name);
        expect(names(input)).toEqual(expect.arrayContaining(copies));
        // [CLS] has few probabilities: their mask stays floats for the backward pass.
        expect(copies.length === 0, name).toBe(name === "mask:layer.2.probabilities");
        for (const each of [name, ...copies]) expect(readers(each), each).toBe(1);
      }
      expect(trainingProgram(TASK, withLayers(3), { recompute }).copies).toEqual(new Map());
    },
  );

  it.each(RECOMPUTE)("have one in bf16 where products are bf16 (recompute: %s)", (recompute) => {
    const program = trainingProgram(TASK, withLayers(3), { recompute, lowering: bf16Lowering });
    const { node, input } = graphOf(program);
    const readers = (mask: string) => node.filter((one) => one.input.includes(mask)).length;
    const inputs = program.masks.flatMap((mask) => mask.inputs);
    expect(inputs.length).toBeGreaterThan(program.masks.length);
    expect(
      names(input)
        .filter((name) => name.startsWith("mask:"))
        .sort(),
    ).toEqual([...inputs].sort());
    for (const name of inputs) expect(readers(name), name).toBe(1);
    expect(new Set(program.masks.map(({ type }) => type))).toEqual(new Set(["bfloat16"]));
    expect(program.copies).toEqual(new Map());
    expect([...program.rounded.values()].filter((name) => name.startsWith("mask:"))).toEqual([]);
  });

  it("of layers below the lowest that learns come once in bf16", () => {
    const lower = trainingProgram(TASK, withLayers(3))
      .parameters.map(({ name }) => name)
      .filter((name) => !/layer\.2|pooler|classifier/.test(name));
    const { masks } = trainingProgram(TASK, withLayers(3), {
      frozen: new Set(lower),
      lowering: bf16Lowering,
    });
    const counts = Object.fromEntries(masks.map(({ name, inputs }) => [name, inputs.length]));
    expect(counts).toMatchObject({
      "mask:embeddings": 1,
      "mask:layer.1.output": 1,
      "mask:layer.2.output": 2,
    });
  });
});

describe("what is computed again in the backward pass", () => {
  const features = tinyRows([5, 2, 9, 3]);

  async function gradients(recompute: (typeof RECOMPUTE)[number]) {
    const { step, store } = await tinyStep({ recompute, dropout: 0.2 });
    await step.gradients(features, [[0, 1, 2, 3]], 0);
    step.dispose();
    return store.parameters.map(({ gradient }) => gradient.slice());
  }

  it("gives the same bits", async () => {
    const [nothing, attention, layers] = await Promise.all(RECOMPUTE.map(gradients));
    expect(nothing.some((gradient) => gradient.some((value) => Math.abs(value) > 0.01))).toBe(true);
    expect(attention).toEqual(nothing);
    expect(layers).toEqual(nothing);
  });

  it("is attention's probabilities, or every layer but the last, whose values are at hand", () => {
    const [kept, attention, layers] = RECOMPUTE.map((recompute) => {
      const { node } = graphOf(trainingProgram(TASK, withLayers(3), { recompute }));
      return (type: string) => node.filter(({ opType }) => opType === type).length;
    });
    for (const type of ["Softmax", "Gelu", "LayerNormalization", "Tanh"])
      expect(kept(type), type).toBeGreaterThan(0);
    // [CLS] has few probabilities, which are kept.
    expect(attention("Softmax")).toBe(kept("Softmax") + 2);
    expect(attention("Gelu")).toBe(kept("Gelu"));
    expect(layers("Softmax")).toBe(kept("Softmax") + 2);
    expect(layers("Gelu")).toBe(kept("Gelu") + 2);
    expect(layers("LayerNormalization")).toBe(kept("LayerNormalization") + 4);
    expect(layers("Tanh")).toBe(kept("Tanh"));
  });
});

describe("what is frozen", () => {
  const config = { ...withLayers(5), hidden_dropout_prob: 0, attention_probs_dropout_prob: 0 };
  const specs = trainingProgram(TASK, config).parameters;
  const frozenBy = (pattern: RegExp) => new Set(names(specs).filter((name) => pattern.test(name)));
  const nodes = (frozen: ReadonlySet<string>, recompute?: "layers" | "attention") =>
    graphOf(trainingProgram(TASK, config, { frozen, recompute })).node.length;
  const forward = graphOf(evaluationProgram(TASK, config)).node.length;

  it("has no gradient among the outputs, and its rows none where all tables are", () => {
    const outputs = (pattern: RegExp) =>
      names(trainingProgram(TASK, config, { frozen: frozenBy(pattern) }).outputs);
    expect(outputs(/word_embeddings|pooler/)).toEqual(
      names(trainingProgram(TASK, config).outputs).filter((name) => !name.includes("pooler")),
    );
    const classifier = ["weight", "bias"].map((name) => NAMES.gradient(`classifier.${name}`));
    expect(outputs(/^bert/).sort()).toEqual([...classifier, NAMES.logits, NAMES.loss].sort());
    expect(outputs(/_embeddings/)).not.toContain(NAMES.rowGradient);
  });

  it("costs no node of the backward pass, below the lowest layer that learns none at all", () => {
    const all = nodes(new Set());
    const layers = [0, 1, 2].map((i) => nodes(frozenBy(new RegExp(`embeddings|layer\\.[0-${i}]\\.`))));
    const perLayer = layers[0] - layers[1];
    expect(layers[1] - layers[2]).toBe(perLayer);
    // Its backward pass is some two thirds of a layer's nodes.
    expect(perLayer).toBeGreaterThan(60);
    expect(all - layers[0]).toBeGreaterThan(perLayer);
    // All but the classifier: its gradients and the loss are all that is added to the forward pass.
    expect(nodes(frozenBy(/^bert/)) - forward).toBeLessThan(25);
  });

  it("reads its masks in the forward pass alone", () => {
    const frozen = frozenBy(/embeddings|layer\.[01]\./);
    const program = trainingProgram(TASK, withLayers(3), { frozen, lowering: standardLowering });
    const copied = new Set(program.copies.values());
    const once = names(program.masks).filter((name) => !copied.has(name));
    const places = ["probabilities", "attention", "output"];
    const layers = [0, 1].flatMap((i) => places.map((place) => `layer.${i}.${place}`));
    expect(once.sort()).toEqual(
      ["embeddings", ...layers, "layer.2.probabilities"].map((place) => `mask:${place}`).sort(),
    );
    expect(program.masks).toHaveLength(once.length + 3);
  });

  it("in the middle saves its weights' gradients alone", () => {
    const saved = nodes(new Set()) - nodes(frozenBy(/layer\.2\./));
    // At least a product and a sum for each of the six weights with their biases.
    expect(saved).toBeGreaterThanOrEqual(12);
    expect(saved).toBeLessThan(50);
  });

  it("is not computed again, whatever is", () => {
    const half = frozenBy(/embeddings|layer\.[01]\./);
    for (const recompute of ["layers", "attention"] as const) {
      const whole = nodes(new Set(), recompute) - nodes(new Set());
      expect(nodes(half, recompute) - nodes(half)).toBeLessThan(0.7 * whole);
    }
  });
});

it.each(RECOMPUTE)(
  "standard operators compute what ONNX Runtime's own do (recompute: %s)",
  async (recompute) => {
    const features = tinyRows([5, 2, 9, 3]);
    const results = [];
    for (const lowering of [onnxRuntimeLowering, standardLowering]) {
      const { step, store } = await tinyStep({ lowering, recompute, dropout: 0.2 });
      const { loss, logits } = await step.gradients(features, [[0, 1, 2, 3]], 0);
      step.dispose();
      results.push([
        Float32Array.of(loss),
        logits[0],
        ...store.parameters.map(({ gradient }) => gradient.slice()),
      ]);
    }
    const [fast, standard] = results;
    const norm = Math.hypot(...standard.slice(2).map((values) => Math.hypot(...values)));
    expect(norm).toBeGreaterThan(0.1);
    standard.forEach((values, i) => {
      const difference = Math.hypot(...values.map((value, j) => value - fast[i][j]));
      expect(difference).toBeLessThan(1e-5 * Math.max(norm, 1));
    });
  },
);
