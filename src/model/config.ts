/** `config.json` of a BERT checkpoint, checked; the names and defaults are transformers' `BertConfig`. */
import { InputError } from "../util/errors.ts";

export type HiddenAct = "gelu" | "gelu_new" | "relu";

export interface BertConfig {
  readonly vocab_size: number;
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  readonly hidden_act: HiddenAct;
  readonly hidden_dropout_prob: number;
  readonly attention_probs_dropout_prob: number;
  readonly max_position_embeddings: number;
  readonly type_vocab_size: number;
  readonly initializer_range: number;
  readonly layer_norm_eps: number;
  /** Dropout before the classifier; null: `hidden_dropout_prob`. */
  readonly classifier_dropout: number | null;
}

const ACTIVATIONS: Readonly<Record<string, HiddenAct>> = {
  gelu: "gelu",
  gelu_new: "gelu_new",
  gelu_pytorch_tanh: "gelu_new",
  relu: "relu",
};

/** Some ten times the largest model that is known: what is beyond is damage, and building its graph would not end. */
const LARGEST = {
  vocab_size: 2 ** 24,
  hidden_size: 2 ** 16,
  num_hidden_layers: 2 ** 10,
  num_attention_heads: 2 ** 10,
  intermediate_size: 2 ** 18,
  max_position_embeddings: 2 ** 20,
  type_vocab_size: 2 ** 10,
} as const;

/** Checks the fields that the model needs. Throws `InputError` that names the file, the field and its value. */
export function parseBertConfig(json: unknown, file: string): BertConfig {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new InputError(`${file}: expected a JSON object.`);
  }
  const fields = json as Record<string, unknown>;
  checkKind(fields, file);
  const count = (name: keyof typeof LARGEST, standard: number) =>
    positiveInteger(fields, name, standard, file);
  const share = (name: string, standard: number) => probability(fields, name, standard, file);
  const config: BertConfig = {
    vocab_size: count("vocab_size", 30522),
    hidden_size: count("hidden_size", 768),
    num_hidden_layers: count("num_hidden_layers", 12),
    num_attention_heads: count("num_attention_heads", 12),
    intermediate_size: count("intermediate_size", 3072),
    hidden_act: activation(fields, file),
    hidden_dropout_prob: share("hidden_dropout_prob", 0.1),
    attention_probs_dropout_prob: share("attention_probs_dropout_prob", 0.1),
    max_position_embeddings: count("max_position_embeddings", 512),
    type_vocab_size: count("type_vocab_size", 2),
    initializer_range: positive(fields, "initializer_range", 0.02, file),
    layer_norm_eps: positive(fields, "layer_norm_eps", 1e-12, file),
    classifier_dropout:
      fields.classifier_dropout === undefined || fields.classifier_dropout === null
        ? null
        : share("classifier_dropout", 0.1),
  };
  if (config.hidden_size % config.num_attention_heads !== 0) {
    throw new InputError(
      `${file}: hidden_size ${config.hidden_size} is not a multiple of num_attention_heads ${config.num_attention_heads}.`,
    );
  }
  return config;
}

function checkKind(fields: Record<string, unknown>, file: string): void {
  if (fields.model_type !== "bert") {
    const given = fields.model_type === undefined ? "no model_type" : `model_type "${fields.model_type}"`;
    throw new InputError(`${file}: ${given}; only "bert" can be fine-tuned. Choose a BERT checkpoint.`);
  }
  const positions = fields.position_embedding_type ?? "absolute";
  if (positions !== "absolute") {
    throw new InputError(
      `${file}: position_embedding_type "${positions}" is not supported, only "absolute".`,
    );
  }
  if (fields.is_decoder === true) throw new InputError(`${file}: is_decoder is true; an encoder is needed.`);
}

function activation(fields: Record<string, unknown>, file: string): HiddenAct {
  const name = fields.hidden_act ?? "gelu";
  const known = typeof name === "string" && Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (!known) {
    const names = Object.keys(ACTIVATIONS).join(", ");
    throw new InputError(`${file}: hidden_act ${JSON.stringify(name)} is not one of ${names}.`);
  }
  return known;
}

function number(fields: Record<string, unknown>, name: string, standard: number): unknown {
  return fields[name] ?? standard;
}

function positiveInteger(
  fields: Record<string, unknown>,
  name: keyof typeof LARGEST,
  standard: number,
  file: string,
): number {
  const value = number(fields, name, standard);
  if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > LARGEST[name]) {
    throw new InputError(
      `${file}: ${name} is ${JSON.stringify(value)}, expected a whole number from 1 to ${LARGEST[name]}.`,
    );
  }
  return value as number;
}

function probability(fields: Record<string, unknown>, name: string, standard: number, file: string): number {
  const value = number(fields, name, standard);
  if (typeof value !== "number" || !(value >= 0 && value < 1)) {
    throw new InputError(
      `${file}: ${name} is ${JSON.stringify(value)}, expected a number from 0 to below 1.`,
    );
  }
  return value;
}

function positive(fields: Record<string, unknown>, name: string, standard: number, file: string): number {
  const value = number(fields, name, standard);
  if (typeof value !== "number" || !(value > 0)) {
    throw new InputError(`${file}: ${name} is ${JSON.stringify(value)}, expected a number above 0.`);
  }
  return value;
}
