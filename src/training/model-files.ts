/** A model folder opened: configuration, header of the weights and tokenizer, each checked before the next, no tensor read. */
import { type Checkpoint, openCheckpoint } from "../files/checkpoint.ts";
import { readJson, readTextIfExists, TEXT_LIMITS } from "../files/model-folder.ts";
import { type BertConfig, parseBertConfig } from "../model/config.ts";
import { createTokenizer, type Tokenizer } from "../text/tokenizer/tokenizer.ts";
import { InputError } from "../util/errors.ts";

export interface ModelFiles {
  readonly folder: string;
  readonly config: BertConfig;
  /** `config.json` as it stands. */
  readonly json: Record<string, unknown>;
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
}

/** Opens a folder; close the checkpoint when its tensors are read. Throws `InputError`, the cheapest check first. */
export async function openModelFiles(folder: string): Promise<ModelFiles> {
  const json = await readJson(folder, "config.json", TEXT_LIMITS.config);
  const config = parseBertConfig(json, `${folder}/config.json`);
  const checkpoint = await openCheckpoint(folder);
  try {
    const tokenizer = await openTokenizer(folder);
    checkVocabulary(folder, tokenizer, config);
    return { folder, config, json, checkpoint, tokenizer };
  } catch (error) {
    await checkpoint.close();
    throw error;
  }
}

/** The tokenizer of a model folder, from `tokenizer.json` or `vocab.txt`. */
export async function openTokenizer(folder: string): Promise<Tokenizer> {
  const read = (name: string, limit: number) => readTextIfExists(folder, name, limit);
  const tokenizerJson = await read("tokenizer.json", TEXT_LIMITS.tokenizer);
  const vocab = await read("vocab.txt", TEXT_LIMITS.vocabulary);
  if (tokenizerJson === undefined && vocab === undefined) {
    throw new InputError(
      `${folder}: neither tokenizer.json nor vocab.txt is there.\nA model folder needs one of them; check the folder.`,
    );
  }
  const tokenizerConfig = await read("tokenizer_config.json", TEXT_LIMITS.config);
  const specialTokensMap = await read("special_tokens_map.json", TEXT_LIMITS.config);
  return createTokenizer({ tokenizerJson, vocab, tokenizerConfig, specialTokensMap });
}

/** Embeddings are sometimes padded to one of these, for speed; then the last rows have no word. */
const PADDED_TO = [8, 64, 128];

function checkVocabulary(folder: string, { vocabSize }: Tokenizer, { vocab_size: rows }: BertConfig): void {
  if (vocabSize === rows || PADDED_TO.some((size) => rows === Math.ceil(vocabSize / size) * size)) return;
  throw new InputError(
    `${folder}: the vocabulary has ${vocabSize} entries, the word embedding ${rows} rows.\n` +
      "Tokenizer and weights do not belong together; get both from the same model.",
  );
}
