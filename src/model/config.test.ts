/** Which configurations are taken, what stands for missing fields, and what each refusal names. */
import { describe, expect, it } from "vitest";
import { InputError } from "../util/errors.ts";
import { parseBertConfig } from "./config.ts";

const parse = (fields: Record<string, unknown>) =>
  parseBertConfig({ model_type: "bert", ...fields }, "m/config.json");

function refusal(fields: unknown): Error {
  try {
    parseBertConfig(fields, "m/config.json");
  } catch (error) {
    return error as Error;
  }
  throw new Error("nothing was refused");
}

it("takes BERT base's numbers where fields are missing", () => {
  expect(parse({})).toEqual({
    vocab_size: 30522,
    hidden_size: 768,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    intermediate_size: 3072,
    hidden_act: "gelu",
    hidden_dropout_prob: 0.1,
    attention_probs_dropout_prob: 0.1,
    max_position_embeddings: 512,
    type_vocab_size: 2,
    initializer_range: 0.02,
    layer_norm_eps: 1e-12,
    classifier_dropout: null,
  });
});

it("keeps what is given, 0 included, and passes over fields of other uses", () => {
  const given = {
    vocab_size: 100,
    hidden_size: 32,
    num_hidden_layers: 1,
    num_attention_heads: 4,
    intermediate_size: 48,
    hidden_act: "relu",
    hidden_dropout_prob: 0,
    attention_probs_dropout_prob: 0.25,
    max_position_embeddings: 16,
    type_vocab_size: 1,
    initializer_range: 0.5,
    layer_norm_eps: 1e-6,
    classifier_dropout: 0,
  };
  expect(parse({ ...given, architectures: ["BertModel"], use_cache: true, is_decoder: false })).toEqual(
    given,
  );
});

it.each([
  ["gelu", "gelu"],
  ["gelu_new", "gelu_new"],
  ["gelu_pytorch_tanh", "gelu_new"],
  ["relu", "relu"],
])("hidden_act %s is %s", (name, expected) => {
  expect(parse({ hidden_act: name }).hidden_act).toBe(expected);
});

it("takes null for a missing number, as Python writes it", () => {
  expect(parse({ vocab_size: null, classifier_dropout: null, position_embedding_type: null })).toMatchObject({
    vocab_size: 30522,
    classifier_dropout: null,
  });
});

describe("refuses", () => {
  it.each([
    ["vocab_size", 0],
    ["vocab_size", 2 ** 24 + 1],
    ["hidden_size", -768],
    ["num_hidden_layers", 1.5],
    ["num_attention_heads", "12"],
    ["intermediate_size", Number.NaN],
    ["max_position_embeddings", true],
    ["type_vocab_size", [2]],
    ["hidden_dropout_prob", 1],
    ["attention_probs_dropout_prob", -0.1],
    ["classifier_dropout", "0.1"],
    ["initializer_range", 0],
    ["layer_norm_eps", "tiny"],
    ["hidden_act", "silu"],
    ["hidden_act", 3],
    ["hidden_act", "constructor"],
    ["position_embedding_type", "relative_key"],
    ["is_decoder", true],
  ])("%s %j, and names file, field and value", (name, value) => {
    const error = refusal({ model_type: "bert", [name]: value });
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain("m/config.json: ");
    expect(error.message).toContain(name);
    expect(error.message).toContain(typeof value === "string" ? value : JSON.stringify(value));
  });

  it("heads that do not divide the hidden size", () => {
    const { message } = refusal({ model_type: "bert", hidden_size: 32, num_attention_heads: 5 });
    expect(message).toContain("hidden_size 32 is not a multiple of num_attention_heads 5");
  });

  it("another model", () => {
    expect(refusal({ model_type: "gpt2" }).message).toContain('model_type "gpt2"');
    expect(refusal({ hidden_size: 768 }).message).toContain("no model_type");
  });

  it.each([[null], [[]], ["bert"], [3]])("%j in place of an object", (json) => {
    const error = refusal(json);
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toContain("expected a JSON object");
  });
});
