/** One recorded file of the reference tokenizer (test/fixtures/make_tokenizer.py) against ours. */
import { join } from "node:path";
import { readJson, readText, TEXT_LIMITS } from "../files/model-folder.ts";
import { checkTokenizerFixture, type TokenizerFixture } from "../text/tokenizer/fixtures.ts";
import { InputError } from "../util/errors.ts";
import type { CaseResult } from "./model-case.ts";

/** The file's `tokenizer` to the name of its vocabulary. */
const VOCABULARIES = new Map([
  ["cased", "cased-vocab.txt"],
  ["uncased", "uncased-vocab.txt"],
]);

/** `vocabularies` is the folder that holds the files of `VOCABULARIES`. */
export async function checkTokenizerCase(
  folder: string,
  name: string,
  vocabularies: string,
): Promise<CaseResult> {
  const json = await readJson(folder, name, TEXT_LIMITS.tokenizer);
  const file = VOCABULARIES.get(String(json.tokenizer));
  if (file === undefined || !Array.isArray(json.cases) || json.cases.length === 0) {
    throw new InputError(
      `${join(folder, name)}: "tokenizer" is not cased or uncased, or "cases" is no list.`,
    );
  }
  const vocab = await readText(vocabularies, file, TEXT_LIMITS.vocabulary);
  const { cases, firstDifference } = checkTokenizerFixture(json as unknown as TokenizerFixture, vocab);
  if (firstDifference !== undefined) return { passed: false, line: firstDifference };
  return { passed: true, line: `${cases} texts, no difference` };
}
