/** A BERT of two layers with random weights, written as a model folder: large enough to train, small enough to spoil. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export const WORDS = "good fine great happy bad sad awful poor the a film meal was is very not and day".split(
  " ",
);

/** The words, and enough pieces to spell any other word of these letters. */
const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,!?".split("");
export const VOCABULARY = [
  ...["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"],
  ...WORDS,
  ...LETTERS.filter((letter) => !WORDS.includes(letter)),
  ...LETTERS.map((letter) => `##${letter}`),
];

export const CONFIG = {
  model_type: "bert",
  architectures: ["BertModel"],
  vocab_size: VOCABULARY.length,
  hidden_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  intermediate_size: 64,
  hidden_act: "gelu",
  max_position_embeddings: 64,
  type_vocab_size: 2,
};

/** Tensor names and shapes of a checkpoint for the configuration. */
export function tensorShapes(config: typeof CONFIG): Map<string, number[]> {
  const { vocab_size, hidden_size: H, intermediate_size: I } = config;
  const shapes = new Map<string, number[]>([
    ["embeddings.word_embeddings.weight", [vocab_size, H]],
    ["embeddings.position_embeddings.weight", [config.max_position_embeddings, H]],
    ["embeddings.token_type_embeddings.weight", [config.type_vocab_size, H]],
  ]);
  const dense = (name: string, rows: number, columns: number) =>
    shapes.set(`${name}.weight`, [rows, columns]).set(`${name}.bias`, [rows]);
  const norm = (name: string) =>
    shapes.set(`${name}.LayerNorm.weight`, [H]).set(`${name}.LayerNorm.bias`, [H]);
  norm("embeddings");
  for (let i = 0; i < config.num_hidden_layers; i++) {
    const layer = `encoder.layer.${i}`;
    for (const part of ["query", "key", "value"]) dense(`${layer}.attention.self.${part}`, H, H);
    dense(`${layer}.attention.output.dense`, H, H);
    norm(`${layer}.attention.output`);
    dense(`${layer}.intermediate.dense`, I, H);
    dense(`${layer}.output.dense`, H, I);
    norm(`${layer}.output`);
  }
  dense("pooler.dense", H, H);
  return shapes;
}

/** A safetensors file of F32 tensors (https://github.com/huggingface/safetensors). */
export function encodeSafetensors(shapes: ReadonlyMap<string, number[]>): Buffer {
  const data = [...shapes].map(([name, shape]) =>
    Float32Array.from({ length: elements(shape) }, (_, i) =>
      name.endsWith("LayerNorm.weight") ? 1 : noise(i),
    ),
  );
  return Buffer.concat([encodeHeader(shapes), ...data.map(({ buffer }) => Buffer.from(buffer))]);
}

/** What a file begins with: the header's length, and the header. */
export function encodeHeader(shapes: ReadonlyMap<string, number[]>): Buffer {
  let end = 0;
  const tensors = [...shapes].map(([name, shape]) => {
    const begin = end;
    end += 4 * elements(shape);
    return [name, { dtype: "F32", shape, data_offsets: [begin, end] }];
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries(tensors)));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json]);
}

/** Bytes of the whole file. */
export function fileSize(shapes: ReadonlyMap<string, number[]>): number {
  return [...shapes.values()].reduce((sum, shape) => sum + 4 * elements(shape), encodeHeader(shapes).length);
}

function elements(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** Between -0.1 and 0.1, the same each time. */
function noise(i: number): number {
  return 0.1 * Math.sin(12.9898 * i + 78.233 * ((i * i) % 97));
}

export interface TinyModelChanges {
  config?: Record<string, unknown>;
  vocabulary?: readonly string[];
  weights?: Buffer;
}

/** Writes the folder and returns its path. */
export function writeTinyModel(folder: string, changes: TinyModelChanges = {}): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "config.json"), JSON.stringify({ ...CONFIG, ...changes.config }));
  writeFileSync(join(folder, "vocab.txt"), `${(changes.vocabulary ?? VOCABULARY).join("\n")}\n`);
  writeFileSync(
    join(folder, "model.safetensors"),
    changes.weights ?? encodeSafetensors(tensorShapes(CONFIG)),
  );
  return folder;
}

/** Rows "sentence TAB label" in pairs that differ in the word that tells the label. */
export function tinyRows(count: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const [pair, good] = [i >> 1, i % 2 === 0];
    const word = WORDS[(good ? 0 : 4) + (pair % 4)];
    const others = WORDS.slice(8).filter((_word, j) => (pair * 7 + j * 3) % 5 < 2);
    return `${others.join(" ")} ${word} ${pair}\t${good ? "positive" : "negative"}`;
  });
  return `sentence\tlabel\n${rows.join("\n")}\n`;
}
