/** Writes a tokenizer as the files that transformers (4 and 5), tokenizers and transformers.js read. */
import type { TokenizerDefinition } from "./definition.ts";
import type { SpecialTokens } from "./tokenizer-config.ts";

export type TokenizerFileName =
  | "tokenizer.json"
  | "tokenizer_config.json"
  | "special_tokens_map.json"
  | "vocab.txt";

/** File name to content. */
export function writeFiles(definition: TokenizerDefinition): Record<TokenizerFileName, string> {
  const specialTokens = presentSpecialTokens(definition);
  return {
    "tokenizer.json": json(tokenizerJson(definition)),
    "tokenizer_config.json": json(tokenizerConfig(definition, specialTokens)),
    "special_tokens_map.json": json(specialTokens),
    "vocab.txt": vocabText(definition.model.vocab),
  };
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

function presentSpecialTokens({
  model,
  addedTokens,
  specialTokens,
}: TokenizerDefinition): Partial<SpecialTokens> {
  const known = (token: string) =>
    model.vocab.has(token) || addedTokens.some(({ content }) => content === token);
  return Object.fromEntries(Object.entries(specialTokens).filter(([, token]) => known(token)));
}

function tokenizerJson({ model, normalizer, addedTokens, specialTokens }: TokenizerDefinition): object {
  const { cls_token, sep_token } = specialTokens;
  const idOf = (token: string) =>
    model.vocab.get(token) ?? addedTokens.find(({ content }) => content === token)?.id;
  const special = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } });
  const sequence = (id: string, type_id: number) => ({ Sequence: { id, type_id } });
  const single = [special(cls_token, 0), sequence("A", 0), special(sep_token, 0)];
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: addedTokens,
    normalizer: { type: "BertNormalizer", ...normalizer },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: {
      type: "TemplateProcessing",
      single,
      pair: [...single, sequence("B", 1), special(sep_token, 1)],
      special_tokens: Object.fromEntries(
        [cls_token, sep_token].map((token) => [token, { id: token, ids: [idOf(token)], tokens: [token] }]),
      ),
    },
    decoder: { type: "WordPiece", prefix: model.continuing_subword_prefix, cleanup: true },
    model: { type: "WordPiece", ...model, vocab: Object.fromEntries(model.vocab) },
  };
}

function tokenizerConfig(
  { normalizer, addedTokens, modelMaxLength }: TokenizerDefinition,
  specialTokens: Partial<SpecialTokens>,
): object {
  return {
    added_tokens_decoder: Object.fromEntries(addedTokens.map(({ id, ...token }) => [id, token])),
    clean_up_tokenization_spaces: true,
    ...specialTokens,
    do_lower_case: normalizer.lowercase,
    ...(modelMaxLength === undefined ? {} : { model_max_length: modelMaxLength }),
    strip_accents: normalizer.strip_accents,
    tokenize_chinese_chars: normalizer.handle_chinese_chars,
    tokenizer_class: "BertTokenizer",
  };
}

/** One token a line, by id. An id without a token, or with one that has a line break in it, gets a line of its own name. */
function vocabText(vocab: ReadonlyMap<string, number>): string {
  const lines: string[] = [];
  for (const [token, id] of vocab) lines[id] = token;
  for (let id = 0; id < lines.length; id++) {
    if (lines[id] === undefined || /[\r\n]/.test(lines[id])) lines[id] = `[id ${id} has no token]`;
  }
  return `${lines.join("\n")}\n`;
}
