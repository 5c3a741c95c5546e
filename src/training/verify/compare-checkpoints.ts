/** Two checkpoints of one run, tensor by tensor and bit by bit. */
import { openSafetensors } from "../../files/checkpoint.ts";
import { FILES, readCheckpoint } from "../checkpoints/checkpoint.ts";

export interface Comparison {
  readonly tensors: number;
  /** Names of those that are not the same, or are in one of the two only. */
  readonly differing: readonly string[];
}

/** Throws `InputError` where one is damaged. */
export async function compareCheckpoints(one: string, other: string): Promise<Comparison> {
  const [{ state }] = await Promise.all([readCheckpoint(one), readCheckpoint(other)]);
  const hasBest = state.best !== undefined && state.best.step !== state.step;
  const files = [FILES.weights, FILES.moments, ...(hasBest ? [FILES.best] : [])];
  const parts: Comparison[] = [];
  for (const name of files) parts.push(await compareFiles(`${one}/${name}`, `${other}/${name}`));
  return {
    tensors: parts.reduce((sum, { tensors }) => sum + tensors, 0),
    differing: parts.flatMap(({ differing }) => differing),
  };
}

/** The same of two files of tensors. */
export async function compareFiles(one: string, other: string): Promise<Comparison> {
  const first = await openSafetensors(one);
  try {
    const second = await openSafetensors(other);
    try {
      const names = [...new Set([...first.tensors.keys(), ...second.tensors.keys()])];
      const differing: string[] = [];
      for (const name of names) {
        const [size, size2] = [first, second].map((file) => elements(file.tensors.get(name)?.shape));
        if (size !== size2) differing.push(name);
        else if (!sameBits(await read(first, name, size), await read(second, name, size)))
          differing.push(name);
      }
      return { tensors: names.length, differing };
    } finally {
      await second.close();
    }
  } finally {
    await first.close();
  }
}

type OpenFile = Awaited<ReturnType<typeof openSafetensors>>;

async function read(file: OpenFile, name: string, size: number): Promise<Uint32Array> {
  const values = new Float32Array(size);
  await file.readFloat32(name, values);
  return new Uint32Array(values.buffer);
}

/** -1 where there is no such tensor. */
function elements(shape: readonly number[] | undefined): number {
  return shape ? shape.reduce((a, b) => a * b, 1) : -1;
}

function sameBits(a: Uint32Array, b: Uint32Array): boolean {
  return a.every((bits, i) => bits === b[i]);
}
