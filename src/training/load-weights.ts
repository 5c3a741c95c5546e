/**
 * A checkpoint's tensors into the store, by name. Checkpoints differ in harmless ways: with or without the prefix
 * `bert.`, LayerNorm's `gamma` and `beta` of the TensorFlow days, with or without a pooler or a head.
 */
import type { Checkpoint } from "../files/checkpoint.ts";
import type { ParameterSpec } from "../model/parameters.ts";
import { InputError } from "../util/errors.ts";
import { initialize, type ParameterStore } from "./parameter-store.ts";

export interface WeightsReport {
  /** Parameters of the model. */
  readonly total: number;
  readonly loaded: number;
  /** Parameters that the checkpoint does not have, or (heads only) has in another shape: they start fresh. */
  readonly added: readonly string[];
  /** Tensors of the checkpoint that the model does not have. */
  readonly unused: readonly string[];
}

export interface WeightsPlan extends WeightsReport {
  /** Parameter name to the checkpoint's tensor name. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Matches parameters and tensors; reads headers only. `complete: true` (prediction) makes a missing parameter an
 * error. Throws `InputError` for an encoder tensor of another shape or a checkpoint that is no BERT.
 */
export function planWeights(
  checkpoint: Checkpoint,
  specs: readonly ParameterSpec[],
  name: string,
  { complete }: { complete: boolean },
): WeightsPlan {
  const byModelName = new Map([...checkpoint.tensors.keys()].map((tensor) => [modelName(tensor), tensor]));
  const sources = new Map<string, string>();
  const added: string[] = [];
  for (const spec of specs) {
    const tensor = byModelName.get(spec.name);
    if (tensor === undefined) {
      added.push(spec.name);
      continue;
    }
    const shape = checkpoint.tensors.get(tensor)!.shape;
    if (sameShape(shape, spec.dims)) sources.set(spec.name, tensor);
    else if (isEncoder(spec.name) || complete) throw shapeError(name, tensor, shape, spec.dims);
    else added.push(spec.name);
  }
  checkComplete(added, name, complete);
  const taken = new Set(sources.values());
  const unused = [...checkpoint.tensors.keys()].filter((tensor) => !taken.has(tensor) && !isBuffer(tensor));
  return { total: specs.length, loaded: sources.size, added, unused, sources };
}

/** Reads the planned tensors into the store and starts the others by `seed`. */
export async function loadWeights(
  checkpoint: Checkpoint,
  plan: WeightsPlan,
  store: ParameterStore,
  options: { seed: number; initializerRange: number },
): Promise<void> {
  for (const parameter of store.parameters) {
    const tensor = plan.sources.get(parameter.spec.name);
    if (tensor) await checkpoint.readFloat32(tensor, parameter.weight);
    else initialize(parameter, options.seed, options.initializerRange);
  }
  store.round();
}

/** The name that our model has for a checkpoint's tensor. */
function modelName(tensor: string): string {
  const modern = tensor
    .replace(/LayerNorm\.gamma$/, "LayerNorm.weight")
    .replace(/LayerNorm\.beta$/, "LayerNorm.bias");
  return /^(embeddings|encoder|pooler)\./.test(modern) ? `bert.${modern}` : modern;
}

function isEncoder(name: string): boolean {
  return name.startsWith("bert.");
}

/** `position_ids` and the like: numbers that the model knows anyway. */
function isBuffer(tensor: string): boolean {
  return /(^|\.)embeddings\.(position_ids|token_type_ids)$/.test(tensor);
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

function shapeError(name: string, tensor: string, got: readonly number[], expected: readonly number[]) {
  return new InputError(
    `${name}: tensor ${tensor} is [${got.join(", ")}], but config.json asks for [${expected.join(", ")}].\n` +
      "The weights and config.json do not belong together. Download the model again.",
  );
}

function checkComplete(added: readonly string[], name: string, complete: boolean): void {
  const missing = added.filter(
    (parameter) => complete || (isEncoder(parameter) && !parameter.includes(".pooler.")),
  );
  if (missing.length === 0) return;
  const some = missing.slice(0, 3).join(", ");
  throw new InputError(
    `${name}: the weights lack ${missing.length === 1 ? some : `${missing.length} tensors, such as ${some}`}.\n` +
      (complete ? "Give a model that was fine-tuned for this task." : "This is not a whole BERT checkpoint."),
  );
}
