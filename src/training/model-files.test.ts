/** A model folder opened: what must be there, what must fit, and in which order it is looked at. */
import { rmSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import {
  CONFIG,
  encodeSafetensors,
  type TinyModelChanges,
  tensorShapes,
  VOCABULARY,
  writeTinyModel,
} from "../../test/cli/tiny-model.ts";
import { makeFolder } from "../../test/helpers/tiny-runs.ts";
import { InputError } from "../util/errors.ts";
import { openModelFiles } from "./model-files.ts";

const folder = makeFolder();
afterAll(() => folder.remove());

let count = 0;
const write = (changes: TinyModelChanges = {}) => writeTinyModel(folder.path(`model-${++count}`), changes);

/** A model whose word embedding has `rows` rows, beside the vocabulary as it is. */
function withRows(rows: number): string {
  const config = { ...CONFIG, vocab_size: rows };
  return write({ config, weights: encodeSafetensors(tensorShapes(config)) });
}

async function open(path: string) {
  const files = await openModelFiles(path);
  await files.checkpoint.close();
  return files;
}

describe("openModelFiles", () => {
  it("gives configuration, header and tokenizer, and the file's own fields", async () => {
    const { config, json, checkpoint, tokenizer } = await open(write({ config: { own_field: 7 } }));
    expect(config.hidden_size).toBe(CONFIG.hidden_size);
    expect(json.own_field).toBe(7);
    expect(checkpoint.tensors.has("embeddings.word_embeddings.weight")).toBe(true);
    expect(tokenizer.vocabSize).toBe(VOCABULARY.length);
  });

  const padded = (to: number) => Math.ceil(VOCABULARY.length / to) * to;

  it.each([8, 64, 128])("takes an embedding that is padded to a multiple of %i", async (to) => {
    expect((await open(withRows(padded(to)))).config.vocab_size).toBe(padded(to));
  });

  it.each([VOCABULARY.length - 1, VOCABULARY.length + 1, padded(128) + 128])(
    "refuses an embedding of %i rows",
    async (rows) => {
      const opened = open(withRows(rows));
      await expect(opened).rejects.toThrow(InputError);
      await expect(opened).rejects.toThrow(
        `the vocabulary has ${VOCABULARY.length} entries, the word embedding ${rows} rows`,
      );
    },
  );

  it("needs a tokenizer", async () => {
    const model = write();
    rmSync(`${model}/vocab.txt`);
    await expect(open(model)).rejects.toThrow("neither tokenizer.json nor vocab.txt is there");
  });

  it("looks at the configuration first, then the weights, then the vocabulary", async () => {
    const model = write({ config: { model_type: "gpt2" }, weights: Buffer.from("no tensors") });
    rmSync(`${model}/vocab.txt`);
    await expect(open(model)).rejects.toThrow("gpt2");
    writeFileSync(`${model}/config.json`, JSON.stringify(CONFIG));
    await expect(open(model)).rejects.toThrow("model.safetensors");
    writeFileSync(`${model}/model.safetensors`, encodeSafetensors(tensorShapes(CONFIG)));
    await expect(open(model)).rejects.toThrow("vocab.txt");
  });
});
