/**
 * Runs every recorded case of a folder: `bert/NAME/` (PyTorch and transformers), `tokenizer/NAME.json` (tokenizers) and
 * `metrics.json` (scikit-learn, scipy). A damaged case fails with the reason; it does not end the run.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Runtime } from "../engine/runtime/session.ts";
import { readText, TEXT_LIMITS } from "../files/model-folder.ts";
import { checkMetricsFixture, parseFixture, type SectionResult } from "../text/metrics/fixtures.ts";
import { InputError } from "../util/errors.ts";
import { checkModelCase } from "./model-case.ts";
import { checkTokenizerCase } from "./tokenizer-case.ts";

export interface CaseReport {
  /** Such as `bert/sequence-regression`. */
  readonly name: string;
  /** `absent`: the folder has no such part at all; not a case. */
  readonly outcome: "passed" | "failed" | "skipped" | "absent";
  /** Figures or the reason, on one line. */
  readonly line: string;
}

export interface ParityOptions {
  readonly runtime: Runtime;
  /** Folder with the vocabularies that the tokenizer's files were recorded with. */
  readonly vocabularies: string;
}

/** Reports as they come, part by part, by name. Throws `InputError` where the folder has none of the three parts. */
export async function* checkFolder(folder: string, options: ParityOptions): AsyncGenerator<CaseReport> {
  if (!statOf(folder)?.isDirectory()) {
    throw new InputError(
      `${folder}: no such folder.\nGive one that holds bert/, tokenizer/ or metrics.json.`,
    );
  }
  const models = list(join(folder, "bert"), (path) => statOf(path)?.isDirectory() ?? false);
  const tokenizers = list(join(folder, "tokenizer"), (path) => path.endsWith(".json"));
  const hasMetrics = statOf(join(folder, "metrics.json")) !== undefined;
  if (models.length + tokenizers.length === 0 && !hasMetrics) {
    throw new InputError(
      `${folder}: no cases in bert/ or tokenizer/, and no metrics.json.\nGive the folder that holds these three.`,
    );
  }
  for (const name of models) yield await modelReport(folder, name, options.runtime);
  if (models.length === 0) yield absent("bert/");
  for (const name of tokenizers) yield await tokenizerReport(folder, name, options.vocabularies);
  if (tokenizers.length === 0) yield absent("tokenizer/");
  if (hasMetrics) yield* await metricsReports(folder);
  else yield absent("metrics.json");
}

async function modelReport(folder: string, name: string, runtime: Runtime): Promise<CaseReport> {
  return guard(`bert/${name}`, async (full) => {
    const result = await checkModelCase(join(folder, "bert", name), runtime);
    return result ? report(full, result) : { name: full, outcome: "skipped", line: "no head" };
  });
}

async function tokenizerReport(folder: string, name: string, vocabularies: string): Promise<CaseReport> {
  return guard(`tokenizer/${name}`, async (full) =>
    report(full, await checkTokenizerCase(join(folder, "tokenizer"), name, vocabularies)),
  );
}

async function metricsReports(folder: string): Promise<CaseReport[]> {
  let sections: SectionResult[] = [];
  const whole = await guard("metrics.json", async (name) => {
    sections = checkMetricsFixture(parseFixture(await readText(folder, "metrics.json", TEXT_LIMITS.config)));
    return { name, outcome: "failed", line: "it has no sections" };
  });
  return sections.length > 0 ? sections.map(sectionReport) : [whole];
}

function sectionReport({ name, cases, skipped, firstDifference }: SectionResult): CaseReport {
  const full = `metrics.json ${name}`;
  if (skipped !== undefined) return { name: full, outcome: "skipped", line: skipped };
  if (firstDifference !== undefined) return { name: full, outcome: "failed", line: firstDifference };
  return { name: full, outcome: "passed", line: `${cases} cases, no difference` };
}

function report(name: string, { passed, line }: { passed: boolean; line: string }): CaseReport {
  return { name, outcome: passed ? "passed" : "failed", line };
}

function absent(name: string): CaseReport {
  return { name, outcome: "absent", line: "not in this folder" };
}

/** Whatever is wrong with a case is its report. */
async function guard(name: string, check: (name: string) => Promise<CaseReport>): Promise<CaseReport> {
  try {
    return await check(name);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const reason = error instanceof InputError ? text : `it cannot be read: ${text}`;
    return { name, outcome: "failed", line: reason.replaceAll("\n", " ") };
  }
}

/** Names in a folder that are not hidden, sorted; none where there is no such folder. */
function list(folder: string, wanted: (path: string) => boolean): string[] {
  if (!statOf(folder)?.isDirectory()) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith(".") && wanted(join(folder, name)))
    .sort();
}

function statOf(path: string) {
  return statSync(path, { throwIfNoEntry: false });
}
