/** Names of models on the Hub: which are valid, which short forms we know, which one was probably meant. */
import { nearMiss } from "../../util/errors.ts";

/** The model that a command uses where none is named. */
export const DEFAULT_MODEL = "sentence-transformers/all-MiniLM-L6-v2";

/** BERT models with safetensors weights that people ask for most; for suggestions and for names without the owner. */
const KNOWN_MODELS = [
  DEFAULT_MODEL,
  "sentence-transformers/all-MiniLM-L12-v2",
  "google-bert/bert-base-uncased",
  "google-bert/bert-base-cased",
  "google-bert/bert-large-uncased",
  "google-bert/bert-large-cased",
  "google-bert/bert-base-multilingual-cased",
  "google-bert/bert-base-multilingual-uncased",
  "google-bert/bert-base-chinese",
  "google-bert/bert-base-german-cased",
  "BAAI/bge-small-en-v1.5",
  "BAAI/bge-base-en-v1.5",
  "intfloat/e5-small-v2",
];

/** Owner and name, or a name alone: letters, digits, "-", "_" and ".", as the Hub allows. */
export function isModelName(name: string): boolean {
  return name.length <= 96 && /^(\w[\w.-]*\/)?\w[\w.-]*$/.test(name) && !/\.\.|--|\.$/.test(name);
}

export function isKnownModel(name: string): boolean {
  return KNOWN_MODELS.includes(fullName(name));
}

/** The full name of a known model whose owner was left out, in any case of letters; other names as they are. */
export function fullName(name: string): string {
  const wanted = name.toLowerCase();
  return (
    KNOWN_MODELS.find(
      (known) => known.toLowerCase() === wanted || shortName(known).toLowerCase() === wanted,
    ) ?? name
  );
}

/** The known or `cached` model that `name` was probably meant to be. */
export function similarModel(name: string, cached: readonly string[]): string | undefined {
  const candidates = [...new Set([...cached, ...KNOWN_MODELS])];
  const short = nearMiss(shortName(name), candidates.map(shortName));
  return (
    nearMiss(name, candidates) ??
    candidates.find((candidate) => shortName(candidate) === short) ??
    candidates.find((candidate) => candidate.toLowerCase().includes(name.toLowerCase()))
  );
}

function shortName(name: string): string {
  return name.slice(name.indexOf("/") + 1);
}
