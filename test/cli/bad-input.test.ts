/** What people get wrong: each mistake has its exit status, one message that says what to do, and leaves nothing behind. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CommandOptions, runCommand } from "./command.ts";
import {
  CONFIG,
  encodeHeader,
  encodeSafetensors,
  fileSize,
  tensorShapes,
  tinyRows,
  VOCABULARY,
  writeTinyModel,
} from "./tiny-model.ts";

/** The promise to people: they wait no longer for a mistake to be found. */
const LIMIT_MS = 5000;

let folder: string;
let server: Server;
let hub: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bertwright-bad-input-"));
  writeTinyModel(join(folder, "model"));
  writeFileSync(join(folder, "train.tsv"), tinyRows(40));
  writeFileSync(join(folder, "dev.tsv"), tinyRows(10));
  server = createServer((_request, response) => response.writeHead(404).end("{}")).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  hub = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await runCommand(["--version"], { cwd: folder }); // builds where the sources are newer
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

interface Mistake {
  /** Files to write first, by name. */
  files?: Record<string, string | Buffer>;
  /** Options of `train`, in place of the good ones. */
  options: Record<string, string>;
  status?: 1 | 2;
  /** What stderr must say. */
  says: (string | RegExp)[];
  env?: CommandOptions["env"];
  imports?: CommandOptions["imports"];
}

async function expectRefusal({
  files = {},
  options,
  status = 1,
  says,
  env,
  imports,
}: Mistake): Promise<void> {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const good = { model: "model", train: "train.tsv", output: "out", progress: "none", epochs: "1" };
  const argv = Object.entries({ ...good, ...options }).flatMap(([name, value]) => [`--${name}`, value]);
  const before = listing(options.output);
  const result = await runCommand(["train", ...argv], { cwd: folder, env, imports, timeoutMs: LIMIT_MS });
  expect(result.stderr).not.toMatch(/^ {4}at /m);
  for (const text of says) expect(result.stderr).toMatch(text);
  expect(result.stderr.trimEnd().split("\n").length, result.stderr).toBeLessThanOrEqual(3);
  expect(result.stderr).not.toContain("not expected");
  expect(result.stdout).toBe("");
  expect(result.status).toBe(status);
  expect(listing(options.output)).toEqual(before);
}

/** What is in the output folder, hidden files too; an output that is a file or is not there has nothing in it. */
function listing(output = "out"): string[] {
  const path = join(folder, output);
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(path) : [];
}

it("the rows and the model of this test are good", async () => {
  const argv = [
    "train",
    "--model",
    "model",
    "--train",
    "train.tsv",
    "--validation",
    "dev.tsv",
    "--output",
    "good",
  ];
  const { status, stderr } = await runCommand([...argv, "--epochs", "1"], { cwd: folder });
  expect(stderr).not.toContain("Error");
  expect(status).toBe(0);
});

describe("files", () => {
  const gone = { train: "gone.tsv" };
  it("missing", () => expectRefusal({ options: gone, says: ["gone.tsv: ", /no such file/i] }));

  it("validation missing", () =>
    expectRefusal({ options: { validation: "gone.tsv" }, says: ["gone.tsv: ", /no such file/i] }));

  it("empty", () =>
    expectRefusal({
      files: { "empty.tsv": "" },
      options: { train: "empty.tsv" },
      says: ["empty.tsv", /is empty/],
    }));

  it("only a header", () =>
    expectRefusal({
      files: { "header.tsv": "sentence\tlabel\n" },
      options: { train: "header.tsv" },
      says: ["header.tsv"],
    }));

  it("a folder", () => expectRefusal({ options: { train: "model" }, says: ["model: ", /folder/] }));

  it("not UTF-8", () =>
    expectRefusal({
      files: { "latin.tsv": Buffer.from("sentence\tlabel\ngood\tpositive\ncaf\xe9\tnegative\n", "latin1") },
      options: { train: "latin.tsv" },
      says: ["latin.tsv:3: ", "--encoding"],
    }));

  it("an encoding that does not exist", () =>
    expectRefusal({
      options: { encoding: "latin-99" },
      status: 2,
      says: ["--encoding", "latin-99", "iso-8859-1"],
    }));

  it("binary", () =>
    expectRefusal({
      files: { "binary.tsv": Buffer.from([0x73, 0x0a, 0, 1, 2, 0xff, 0xfe, 0x0a]) },
      options: { train: "binary.tsv" },
      says: ["binary.tsv:2: ", /binary/],
    }));
});

describe("columns and rows", () => {
  it("column missing", () =>
    expectRefusal({
      options: { "text-column": "sentense" },
      says: ["train.tsv: ", '"sentense"', "--text-column sentence"],
    }));

  it("column number too high", () =>
    expectRefusal({ options: { "label-column": "7" }, says: ["train.tsv: ", "7", "--label-column"] }));

  it("too few fields", () =>
    expectRefusal({
      files: { "few.tsv": `${tinyRows(20)}only a text\n` },
      options: { train: "few.tsv" },
      says: ["few.tsv:22: "],
    }));

  it("too many fields", () =>
    expectRefusal({
      files: { "many.csv": "sentence,label\ngood film,positive\nbad, bad film,negative\n" },
      options: { train: "many.csv" },
      says: ["many.csv:3: ", /3 fields/],
    }));

  it("unbalanced quote", () =>
    expectRefusal({
      files: { "quote.csv": 'sentence,label\n"good film",positive\n"bad film,negative\nsad day,negative\n' },
      options: { train: "quote.csv" },
      says: ["quote.csv:3: ", /quote/],
    }));

  it("a delimiter of several characters", () =>
    expectRefusal({ options: { delimiter: "tabs" }, status: 2, says: ["--delimiter"] }));
});

describe("labels", () => {
  it("missing", () =>
    expectRefusal({
      files: { "unlabelled.tsv": `${tinyRows(20)}a good film\t\n` },
      options: { train: "unlabelled.tsv" },
      says: ["unlabelled.tsv:22: ", /label/],
    }));

  it("a single one", () =>
    expectRefusal({
      files: { "single.tsv": "sentence\tlabel\na good film\tpositive\na fine film\tpositive\n" },
      options: { train: "single.tsv" },
      says: ["single.tsv", "positive"],
    }));

  it("differing by case", () =>
    expectRefusal({
      files: { "case.tsv": `${tinyRows(20)}a good film\tPositive\n` },
      options: { train: "case.tsv" },
      says: ["case.tsv", "Positive", "positive", "--allow-similar-labels"],
    }));

  it("text where numbers are needed", () =>
    expectRefusal({
      files: { "scores.tsv": "sentence\tscore\na good film\t4.5\na bad film\t1.0\na sad day\tlow\n" },
      options: { train: "scores.tsv", "problem-type": "regression" },
      says: ["scores.tsv:4: ", "low"],
    }));

  it("not in training", () =>
    expectRefusal({
      files: { "unknown.tsv": "sentence\tlabel\na good film\tpositive\na day\tneutral\n" },
      options: { validation: "unknown.tsv" },
      says: ["unknown.tsv:3: ", "neutral"],
    }));

  it("--positive-label that no row has", () =>
    expectRefusal({
      options: { "positive-label": "positiv" },
      status: 2,
      says: ["--positive-label positiv", "Did you mean positive"],
    }));
});

describe("models", () => {
  const weights = encodeSafetensors(tensorShapes(CONFIG));

  it("without config.json", async () => {
    writeTinyModel(join(folder, "no-config"));
    rmSync(join(folder, "no-config/config.json"));
    await expectRefusal({ options: { model: "no-config" }, says: ["no-config", "config.json"] });
  });

  it("without a vocabulary", async () => {
    writeTinyModel(join(folder, "no-vocab"));
    rmSync(join(folder, "no-vocab/vocab.txt"));
    await expectRefusal({ options: { model: "no-vocab" }, says: ["no-vocab", "vocab.txt"] });
  });

  it("an empty folder", async () => {
    mkdirSync(join(folder, "nothing"));
    await expectRefusal({ options: { model: "nothing" }, says: ["nothing", "config.json"] });
  });

  it("of another type", async () => {
    writeTinyModel(join(folder, "gpt2"), { config: { model_type: "gpt2" } });
    await expectRefusal({ options: { model: "gpt2" }, says: [/gpt2.config\.json/, '"gpt2"', "bert"] });
  });

  it("with a config that is not JSON", async () => {
    writeTinyModel(join(folder, "broken"));
    writeFileSync(join(folder, "broken/config.json"), '{"model_type": "bert",\n}');
    await expectRefusal({ options: { model: "broken" }, says: [/broken.config\.json:2/] });
  });

  it("with weights that were cut off", async () => {
    writeTinyModel(join(folder, "cut"), { weights: weights.subarray(0, weights.length - 100) });
    await expectRefusal({ options: { model: "cut" }, says: [/cut.model\.safetensors/] });
  });

  it("with a header over the limit", async () => {
    const long = Buffer.from(weights);
    long.writeBigUInt64LE(10n ** 12n);
    writeTinyModel(join(folder, "header"), { weights: long });
    await expectRefusal({ options: { model: "header" }, says: [/header.model\.safetensors/] });
  });

  it("with a tensor of the wrong shape", async () => {
    const shapes = tensorShapes(CONFIG).set("encoder.layer.1.output.dense.bias", [16]);
    writeTinyModel(join(folder, "shape"), { weights: encodeSafetensors(shapes) });
    await expectRefusal({
      options: { model: "shape" },
      says: ["shape", "encoder.layer.1.output.dense.bias", "16", "32"],
    });
  });

  it("with a tensor missing", async () => {
    const shapes = tensorShapes(CONFIG);
    shapes.delete("encoder.layer.0.intermediate.dense.weight");
    writeTinyModel(join(folder, "hole"), { weights: encodeSafetensors(shapes) });
    await expectRefusal({
      options: { model: "hole" },
      says: ["hole", "encoder.layer.0.intermediate.dense.weight"],
    });
  });

  it("with a vocabulary smaller than the embedding", async () => {
    writeTinyModel(join(folder, "words"), { vocabulary: VOCABULARY.slice(0, 30) });
    await expectRefusal({ options: { model: "words" }, says: ["words", "30", String(VOCABULARY.length)] });
  });

  it("unknown, without network", () =>
    expectRefusal({
      options: { model: "nobody/nothing" },
      says: ["nobody/nothing", /offline|HF_HUB_OFFLINE/],
    }));

  it("unknown to the Hub", () =>
    expectRefusal({
      options: { model: "nobody/nothing" },
      env: { HF_HUB_OFFLINE: "", HF_ENDPOINT: hub },
      says: ["nobody/nothing"],
    }));

  it("unknown, and the Hub does not answer", () =>
    expectRefusal({
      options: { model: "nobody/nothing" },
      env: { HF_HUB_OFFLINE: "", HF_ENDPOINT: "http://127.0.0.1:9" },
      says: ["nobody/nothing"],
    }));

  it("a folder that does not exist", () =>
    expectRefusal({ options: { model: "./nowhere" }, says: ["./nowhere"] }));

  it("larger than the machine's memory", async () => {
    const sizes = {
      hidden_size: 65_536,
      intermediate_size: 262_144,
      num_hidden_layers: 4,
      num_attention_heads: 64,
    };
    const shapes = tensorShapes({ ...CONFIG, ...sizes });
    writeTinyModel(join(folder, "huge"), { config: sizes, weights: encodeHeader(shapes) });
    truncateSync(join(folder, "huge/model.safetensors"), fileSize(shapes)); // a hole takes no place on the disk
    await expectRefusal({
      options: { model: "huge" },
      says: [/needs about [\d.]+ TB of memory, this machine has/],
    });
  });

  it.each(["num_hidden_layers", "hidden_size", "vocab_size", "max_position_embeddings", "intermediate_size"])(
    "with a %s that no model has",
    async (name) => {
      writeTinyModel(join(folder, "absurd"), { config: { [name]: 2 ** 30 } });
      await expectRefusal({ options: { model: "absurd" }, says: ["absurd"] });
    },
  );
});

describe("usage", () => {
  it("unknown option", () =>
    expectRefusal({
      options: { epoch: "3" },
      status: 2,
      says: ["Unknown option --epoch; did you mean --epochs?"],
    }));

  it("number out of range", () =>
    expectRefusal({
      options: { "learning-rate": "2" },
      status: 2,
      says: ["--learning-rate 2: ", "above 0, at most 1"],
    }));

  it("longer than the model's positions", () =>
    expectRefusal({
      options: { "max-seq-length": "512" },
      status: 2,
      says: ["--max-seq-length", "512", "64"],
    }));

  it("usage is checked before anything is read", () =>
    expectRefusal({
      options: { model: "gone", train: "gone.tsv", seed: "x" },
      status: 2,
      says: ["--seed x: "],
    }));

  it("the model is checked before the data", () =>
    expectRefusal({ options: { model: "./nowhere", train: "gone.tsv" }, says: ["./nowhere"] }));
});

describe("output", () => {
  it("exists and is not empty", async () => {
    mkdirSync(join(folder, "full"));
    writeFileSync(join(folder, "full/notes.txt"), "mine");
    await expectRefusal({ options: { output: "full" }, says: ["--output full", "notes.txt", "--overwrite"] });
    expect(readFileSync(join(folder, "full/notes.txt"), "utf8")).toBe("mine");
  });

  it("is a file", () => expectRefusal({ options: { output: "dev.tsv" }, says: ["--output dev.tsv"] }));

  it("is on a full disk", () =>
    expectRefusal({
      options: {},
      imports: [new URL("./disk-full.mjs", import.meta.url).href],
      says: ["out", /disk is full/],
    }));
});
