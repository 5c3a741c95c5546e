/** The import rule of docs/architecture.md: every import is an edge of the table below, or this test names it. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const SRC = join(import.meta.dirname, "../src");

const ENGINE = [
  "engine/graph",
  "engine/ops",
  "engine/autodiff",
  "engine/onnx",
  "engine/runtime",
  "engine/kernels",
];
const TEXT = ["text/tags", "text/tokenizer", "text/data", "text/metrics"];
const LOWER = ["util", ...ENGINE, ...TEXT, "files", "runtimes", "model", "tasks"];

/** Folder (or file at the root of src) to the folders that it may import beside itself. */
const ALLOWED: Record<string, string[]> = {
  util: [],
  "engine/graph": ["util"],
  "engine/ops": ["util", "engine/graph"],
  "engine/autodiff": ["util", "engine/graph", "engine/ops"],
  "engine/onnx": ["util", "engine/graph"],
  "engine/runtime": ["util"],
  "engine/kernels": ["util"],
  "text/tokenizer": ["util"],
  "text/tags": ["util"],
  "text/data": ["util", "text/tags"],
  "text/metrics": ["util", "text/tags"],
  files: ["util"],
  runtimes: ["util", ...ENGINE, "files"],
  model: ["util", ...ENGINE],
  tasks: ["util", ...ENGINE, ...TEXT, "model"],
  training: LOWER,
  inference: [...LOWER, "training"],
  results: [...LOWER, "training", "inference"],
  report: [...LOWER, "training", "inference", "results"],
  parity: [...LOWER, "training", "inference"],
  "index.ts": [...LOWER, "training", "inference"],
  "node.ts": [...LOWER, "training", "inference", "results", "report", "parity", "index.ts"],
  "internals.ts": [...LOWER, "training", "inference", "parity"],
  apps: ["util", "index.ts", "node.ts", "internals.ts"],
};
const NODE_MODULES_ALLOWED = new Set([
  ...["files", "engine/kernels", "engine/runtime", "parity", "node.ts", "apps"],
]);

const sources = readdirSync(SRC, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.includes("kernels/assembly"))
  .sort();

/** The row of the table that a file under src belongs to. */
function owner(file: string): string {
  const parts = file.split("/");
  if (parts.length === 1) return file;
  const two = parts.slice(0, 2).join("/");
  return two in ALLOWED ? two : parts[0];
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(SRC, file), "utf8");
  const pattern =
    /(?:^|[\s;}])(?:import|export)\s[^"'`;]*?from\s*["']([^"']+)["']|import\s*\(?\s*["']([^"']+)["']/g;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2]);
}

describe("import rule", () => {
  it("finds the sources", () => expect(sources.length).toBeGreaterThan(10));

  it.each(sources)("%s imports only what its storey allows", (file) => {
    const from = owner(file);
    expect(ALLOWED, `${file}: folder without a row in the table`).toHaveProperty([from]);
    const isTest = /\.(test|contract)\.ts$/.test(file);
    for (const specifier of importsOf(file)) {
      if (specifier.startsWith(".")) {
        const target = owner(relative(SRC, join(SRC, dirname(file), specifier)));
        if (target.startsWith("..")) expect(isTest, `${file} imports ${specifier} outside src`).toBe(true);
        else if (target !== from) expect(ALLOWED[from], `${file} imports ${specifier}`).toContain(target);
      } else if (specifier.startsWith("node:") && !isTest) {
        expect([...NODE_MODULES_ALLOWED], `${file} imports ${specifier}`).toContain(from);
      }
    }
  });
});
