/**
 * `--suite gradients`: how far gradients in bf16 lie from the same runtime's in float32, or in float32 from ONNX Runtime's,
 * on a model's own weights and real rows. A batch's figure is the median over the tensors of |g - g32| / |g32|. Embedding
 * tables are left out, of which a batch reads few rows, and the biases of keys, whose gradient is rounding alone.
 */
import { join } from "node:path";
import {
  DEFAULT_MODEL,
  Features,
  type LoadedRuntime,
  type ModelFiles,
  openModelFiles,
  openRuntime,
  resolveModel,
} from "../../internals.ts";
import { type ReadRowsOptions, readRows, textClassification } from "../../node.ts";
import { allOrNone } from "../../util/all-or-none.ts";
import { InputError, UsageError } from "../../util/errors.ts";
import { caseName } from "./case-name.ts";
import { type GradientInputs, GradientSide } from "./gradient-side.ts";
import { GradientsPeer } from "./gradients-peer.ts";
import { isFolder } from "./predict-cases.ts";
import type { Report } from "./report.ts";
import { compare, median } from "./statistics.ts";

export interface GradientsOptions {
  runtimes: readonly LoadedRuntime[];
  /** The folder of the public data sets, of which it reads CoLA, or a file of texts and labels. */
  data: string;
  /** Folder or name; default: the command's own. */
  model?: string;
  /** Batches at most. */
  turns: number;
  /** Of the head that starts fresh, and of the masks; default 1. */
  seed?: number;
  /** A Python with torch and transformers. */
  peer?: string;
}

const BATCH = 32;
const MAX_LENGTH = 128;
const DROPOUT = 0.1;
const REFERENCE = "onnxruntime";

export async function benchGradients(
  { runtimes, data, model = DEFAULT_MODEL, turns, seed = 1, peer }: GradientsOptions,
  report: Report,
): Promise<void> {
  if (runtimes.some(({ name }) => name === REFERENCE)) {
    throw new UsageError(
      `--suite gradients: ${REFERENCE} is what others are compared with.\nTake --runtime openvino.`,
    );
  }
  if (peer !== undefined && runtimes.every(({ precision }) => precision !== "bf16")) {
    throw new UsageError("--suite gradients: --peer is compared in bf16.\nTake --precision bf16 or both.");
  }
  const { folder } = await resolveModel(model);
  const files = await openModelFiles(folder);
  try {
    const given = { files, rows: BATCH, seed, ...(await readFeatures(data, files, turns * BATCH)) };
    for (const runtime of runtimes) await benchRuntime(given, runtime, peer, report);
  } finally {
    await files.checkpoint.close();
  }
}

async function benchRuntime(
  given: GradientInputs,
  runtime: LoadedRuntime,
  peer: string | undefined,
  report: Report,
): Promise<void> {
  const isRounded = runtime.precision === "bf16";
  const reference = await openRuntime({ runtime: isRounded ? runtime.name : REFERENCE });
  // Another runtime's batches have other pads, and so other masks.
  for (const dropout of isRounded ? [0, DROPOUT] : [0]) {
    await benchOne(given, { runtime, reference, dropout, peer: isRounded ? peer : undefined }, report);
  }
}

interface Setting {
  readonly runtime: LoadedRuntime;
  readonly reference: LoadedRuntime;
  readonly dropout: number;
  readonly peer?: string;
}

async function benchOne(given: GradientInputs, setting: Setting, report: Report): Promise<void> {
  const { runtime, reference, dropout } = setting;
  const sides = await allOrNone([
    GradientSide.create({ ...given, dropout, runtime }),
    GradientSide.create({ ...given, dropout, runtime: reference }),
  ] as const);
  try {
    const { our, their, versions } = await measure(given, sides, setting);
    const name = `${caseName(`gradients-${runtime.name}`, runtime.precision)}${dropout > 0 ? "-dropout" : ""}`;
    const batches = `${our.length} batches of ${BATCH} rows, dropout ${dropout}`;
    const against = `${batches}, against ${reference.name} in float32, medians of the tensors`;
    const peers = their && `; the peer is autocast against its own float32, ${versions}`;
    report.add(compare(name, "%", our, their), `${against}${peers ?? ""}`);
  } finally {
    for (const side of sides) side.dispose();
  }
}

/** Of each batch ours, and where there is a peer its own. */
async function measure(
  given: GradientInputs,
  [side, exact]: readonly [GradientSide, GradientSide],
  { peer: python, dropout }: Setting,
) {
  const peer =
    python === undefined ? undefined : new GradientsPeer(python, given, dropout, side.freshParameters);
  const [our, their]: [number[], number[]] = [[], []];
  try {
    for (const [number, batch] of batchesOf(given.features).entries()) {
      our.push(100 * medianError(await side.gradients(batch, number), await exact.gradients(batch, number)));
      if (peer) their.push(await peer.percent(batch, number));
    }
  } finally {
    peer?.close();
  }
  return { our, their: peer && their, versions: peer?.versions };
}

/** The relative error in the middle of the tensors. */
export function medianError(
  gradients: ReadonlyMap<string, Float32Array>,
  reference: ReadonlyMap<string, Float32Array>,
): number {
  const judged = [...gradients].filter(([name]) => !name.endsWith("attention.self.key.bias"));
  return median(judged.map(([name, gradient]) => relativeError(gradient, reference.get(name)!)));
}

/** |a - b| / |b|. */
function relativeError(a: Float32Array, b: Float32Array): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    difference += (a[i] - b[i]) ** 2;
    size += b[i] ** 2;
  }
  return Math.sqrt(difference / size);
}

function batchesOf({ rows }: Features): number[][] {
  const whole = Math.floor(rows / BATCH);
  return Array.from({ length: whole }, (_, batch) =>
    Array.from({ length: BATCH }, (_, i) => batch * BATCH + i),
  );
}

/** The first rows, and a task of their labels. */
async function readFeatures(data: string, { config, tokenizer }: ModelFiles, most: number) {
  const features = new Features(config.vocab_size);
  const found: string[] = [];
  const [file, options] = isFolder(data) ? [join(data, "cola/in_domain_train.tsv"), COLA] : [data, {}];
  for await (const row of readRows(file, options)) {
    if (found.length === most) break;
    if (!("text" in row) || !("label" in row) || row.label === undefined) {
      throw new InputError(`${file}, row ${found.length + 1}: a text and a label are needed.`);
    }
    const { inputIds, firstLength } = tokenizer.encodeIds(row.text, row.textPair, { maxLength: MAX_LENGTH });
    features.add(inputIds, firstLength);
    found.push(String(row.label));
  }
  if (found.length < BATCH) {
    throw new InputError(
      `${file}: a batch has ${BATCH} rows, the file ${found.length}.\nGive one with more rows.`,
    );
  }
  const labels = [...new Set(found)].sort();
  if (labels.length < 2) {
    throw new InputError(
      `${file}: its first ${found.length} rows have the label ${labels[0]} alone.\nGive one whose rows are mixed.`,
    );
  }
  features.setLabels({ width: 1, values: Float32Array.from(found, (label) => labels.indexOf(label)) });
  return { features, task: textClassification({ problemType: "single_label_classification", labels }) };
}

const COLA: ReadRowsOptions = { header: false, textColumn: "4", labelColumn: "2" };
