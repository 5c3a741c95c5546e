/**
 * The default model, whole, against what transformers computes with it (test/fixtures/make_minilm.py): found as a
 * person's would be, from a cache, the Hub or the wheel, and no test passes where it is not found.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_MODEL } from "../src/files/hub/model-name.ts";
import { resolveModel } from "../src/files/hub/resolve.ts";
import { Features } from "../src/tasks/features.ts";
import { type ModelFiles, openModelFiles } from "../src/training/model-files.ts";
import { type Encoder, loadEncoder } from "./helpers/encoder.ts";

interface Recorded {
  sha256: Record<string, string>;
  parameters: number;
  rows: {
    text: [string, string?];
    input_ids: number[];
    token_type_ids: number[];
    last_hidden_state: {
      first_3_tokens_first_8: number[][];
      last_token_first_8: number[];
      norm_of_each_token: number[];
    };
    pooler_output_first_8: number[];
    pooler_norm: number;
  }[];
  batch: { pooler_first_8: number[][] };
}

const recorded: Recorded = JSON.parse(readFileSync(new URL("fixtures/minilm.json", import.meta.url), "utf8"));
const TOLERANCE = 1e-4;
/** An 83 MB wheel over a slow line. */
const DOWNLOAD_MS = 600_000;

let files: ModelFiles;
const encoders: Encoder[] = [];

beforeAll(async () => {
  const { folder } = await resolveModel(DEFAULT_MODEL);
  files = await openModelFiles(folder);
}, DOWNLOAD_MS);

afterAll(async () => {
  for (const encoder of encoders) encoder.dispose();
  await files?.checkpoint.close();
});

/** Texts tokenized by us, up to the model's 512 positions. */
function featuresOf(texts: readonly (readonly [string, string?])[]): Features {
  const features = new Features(files.tokenizer.vocabSize);
  for (const [text, pair] of texts) {
    const { inputIds, firstLength } = files.tokenizer.encodeIds(text, pair, { maxLength: 512 });
    features.add(inputIds, firstLength);
  }
  return features;
}

async function load(reads: "all" | "cls"): Promise<Encoder> {
  const encoder = await loadEncoder(files, {
    reads,
    largest: featuresOf(recorded.rows.map(({ text }) => text)),
  });
  encoders.push(encoder);
  return encoder;
}

/** Row `index` of a matrix `[N, H]`. */
function row(matrix: Float32Array, index: number): Float32Array {
  const width = files.config.hidden_size;
  return matrix.subarray(index * width, (index + 1) * width);
}

function expectClose(got: ArrayLike<number>, expected: readonly number[], what: string): void {
  expect(got.length, what).toBe(expected.length);
  const worst = Math.max(...expected.map((value, i) => Math.abs(got[i] - value)));
  expect(worst, what).toBeLessThanOrEqual(TOLERANCE);
}

describe("the default model", () => {
  it.each(Object.entries(recorded.sha256))("has the published %s", (name, sha256) => {
    const bytes = readFileSync(join(files.folder, name));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(sha256);
  });

  it.each(recorded.rows)("reads $text as transformers does", ({ text, input_ids, token_type_ids }) => {
    const { inputIds, firstLength } = files.tokenizer.encodeIds(...text, { maxLength: 512 });
    expect([...inputIds]).toEqual(input_ids);
    expect(token_type_ids).toEqual(input_ids.map((_, i) => (i < firstLength ? 0 : 1)));
  });

  it("has its parameters, and the hidden states and pooled vector of each text", async () => {
    const encoder = await load("all");
    expect(encoder.parameters).toBe(recorded.parameters);
    for (const { text, last_hidden_state: state, ...expected } of recorded.rows) {
      const name = text[0].slice(0, 30);
      const { hidden, pooled } = await encoder.encode(featuresOf([text]));
      const tokens = expected.input_ids.map((_, t) => row(hidden, t));
      expect(hidden.length).toBe(tokens.length * files.config.hidden_size);
      state.first_3_tokens_first_8.forEach((values, t) => {
        expectClose(tokens[t].slice(0, 8), values, `${name}: token ${t}`);
      });
      expectClose(tokens.at(-1)!.slice(0, 8), state.last_token_first_8, `${name}: last token`);
      expectClose(
        tokens.map((token) => Math.hypot(...token)),
        state.norm_of_each_token,
        `${name}: norms`,
      );
      expectClose(pooled.slice(0, 8), expected.pooler_output_first_8, `${name}: pooled`);
      expectClose([Math.hypot(...pooled)], [expected.pooler_norm], `${name}: norm of pooled`);
    }
  });

  it.each(["all", "cls"] as const)("pools texts of unlike length in one batch, reading %s", async (reads) => {
    const { pooled } = await (await load(reads)).encode(
      featuresOf(recorded.rows.map(({ text }) => [text[0]])),
    );
    recorded.batch.pooler_first_8.forEach((values, b) => {
      expectClose(row(pooled, b).slice(0, 8), values, recorded.rows[b].text[0].slice(0, 30));
    });
  });
});
