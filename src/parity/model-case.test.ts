/** The step graph against PyTorch and transformers, on both runtimes. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadRuntime } from "../engine/runtime/runtimes.ts";
import { checkModelCase } from "./model-case.ts";

const FOLDER = join(import.meta.dirname, "../../test/fixtures/bert");
const cases = readdirSync(FOLDER, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && /^(sequence|trajectory-classification)/.test(entry.name))
  .map(({ name }) => name);

describe.each(["onnxruntime", "onnxruntime-binding"] as const)("%s", (choice) => {
  it.each(cases)("agrees with PyTorch on %s", async (name) => {
    const result = await checkModelCase(join(FOLDER, name), await loadRuntime(choice));
    expect(result?.line).toBeDefined();
    expect(result?.passed, result?.line).toBe(true);
  });
});
