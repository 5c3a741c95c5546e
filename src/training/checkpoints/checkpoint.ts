/**
 * One checkpoint: a folder with the weights, both moments of AdamW, the weights of the best evaluation where that is an
 * earlier one, and the state of the loop, sealed by their hashes. Each is whole in itself, so that removing one never
 * takes anything from another.
 */
import { openSafetensors, safetensorsFile, type TensorToWrite } from "../../files/checkpoint.ts";
import { readSealedFolder, writeSealedFolder } from "../../files/sealed-folder.ts";
import { InputError } from "../../util/errors.ts";
import { hasEarlierBest, type LoopState } from "../loop-state.ts";
import type { ParameterStore, StoredParameter } from "../parameter-store.ts";
import type { WeightsCopy } from "../weights-copy.ts";
import { decodeState, encodeState } from "./state-json.ts";

/** Rises when a reader of the former format would misread the new one. */
const FORMAT = 1;

/** The files that hold tensors; the last is not in each. */
export const FILES = {
  weights: "model.safetensors",
  moments: "optimizer.safetensors",
  best: "best.safetensors",
};

/** PyTorch's names. */
const MOMENTS = { moment1: "exp_avg", moment2: "exp_avg_sq" } as const;

/** A checkpoint that was found whole: every file has the hash that was taken when it was written. */
export interface CheckpointContent<Ground> {
  readonly folder: string;
  readonly state: LoopState;
  /** What the run stood on, to be compared with what a run that goes on stands on. */
  readonly ground: Ground;
}

/** Writes the folder, whole or not at all. `best`: the weights of the best evaluation, where that is an earlier one. */
export async function writeCheckpoint(
  folder: string,
  store: ParameterStore,
  { state, best, ground }: { state: LoopState; best?: readonly TensorToWrite[]; ground: object },
): Promise<void> {
  const { parameters } = store;
  const files = [
    safetensorsFile(FILES.weights, weightsOf(parameters)),
    safetensorsFile(FILES.moments, momentsOf(parameters)),
    ...(best ? [safetensorsFile(FILES.best, best)] : []),
  ];
  await writeSealedFolder(folder, files, { format: FORMAT, state: encodeState(state), ground });
}

/** Reads all of it but for the tensors. Throws `InputError` that says what is missing or damaged. */
export async function readCheckpoint<Ground>(folder: string): Promise<CheckpointContent<Ground>> {
  const { format, state, ground } = await readSealedFolder(folder);
  if (format !== FORMAT) {
    throw new InputError(
      `${folder}: a checkpoint of format ${JSON.stringify(format)}, and ${FORMAT} is read.\nGo on with the version that wrote it.`,
    );
  }
  return { folder, state: decodeState(state, folder), ground: ground as Ground };
}

/** Fills weights and moments; `copy` takes the weights of the best evaluation, where there was one. */
export async function loadCheckpoint(
  { folder, state }: CheckpointContent<unknown>,
  store: ParameterStore,
  copy?: WeightsCopy,
): Promise<void> {
  const { parameters } = store;
  const weights = weightsOf(parameters);
  if (copy && hasEarlierBest(state)) {
    // They pass through the store: there is no other memory.
    await readTensors(`${folder}/${FILES.best}`, weights);
    await copy.take();
  }
  await readTensors(`${folder}/${FILES.weights}`, weights);
  await readTensors(`${folder}/${FILES.moments}`, momentsOf(parameters));
  for (const parameter of parameters) markRows(parameter);
  store.round();
  if (state.best?.step === state.step) await copy?.take();
}

/**
 * A table's row had a gradient where a moment is not zero. One whose moments are zero, because its gradient was or because
 * they faded, is left out: its step is the decay alone either way, to the bit.
 */
function markRows({ marks, moment1, moment2 }: StoredParameter): void {
  const width = moment1.length / marks.length;
  for (let row = 0; row < marks.length; row++) {
    const isZero = (moment: Float32Array) =>
      moment.subarray(row * width, (row + 1) * width).every((value) => value === 0);
    marks[row] = isZero(moment1) && isZero(moment2) ? 0 : 1;
  }
}

/** A tensor whose numbers are in memory. */
interface TensorInMemory extends TensorToWrite {
  data: Float32Array;
}

function weightsOf(parameters: readonly StoredParameter[]): TensorInMemory[] {
  return parameters.map(({ spec, weight }) => ({ name: spec.name, shape: spec.dims, data: weight }));
}

function momentsOf(parameters: readonly StoredParameter[]): TensorInMemory[] {
  // A parameter that does not train has none.
  const training = parameters.filter(({ moment1 }) => moment1.length > 0);
  return training.flatMap((parameter) =>
    (["moment1", "moment2"] as const).map((moment) => ({
      name: `${parameter.spec.name}.${MOMENTS[moment]}`,
      shape: parameter.spec.dims,
      data: parameter[moment],
    })),
  );
}

/** Fills the tensors' data from the file, which must have exactly these. */
async function readTensors(path: string, wanted: readonly TensorInMemory[]): Promise<void> {
  const file = await openSafetensors(path);
  try {
    const same =
      file.tensors.size === wanted.length &&
      wanted.every(({ name, shape }) => String(file.tensors.get(name)?.shape) === String(shape));
    if (!same) {
      throw new InputError(
        `${path}: these are the tensors of another model.\nGo on with the options that the run began with.`,
      );
    }
    for (const { name, data } of wanted) await file.readFloat32(name, data);
  } finally {
    await file.close();
  }
}
