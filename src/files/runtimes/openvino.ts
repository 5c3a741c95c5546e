/** Where OpenVINO's library lies on this machine: in a folder that the user names, or in our cache. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../util/errors.ts";
import { type Environment, runtimesFolder } from "../hub/environment.ts";
import { ioError } from "../io-errors.ts";
import { damagedFile, readManifest } from "./manifest.ts";
import { OPENVINO_VERSION } from "./openvino-wheels.ts";

export interface FoundOpenVino {
  /** Holds the library of the C API and what that loads. */
  folder: string;
  /** Undefined for a folder of the user's: the library says it once it is loaded. */
  version?: string;
}

export const VARIABLE = "BERTWRIGHT_OPENVINO";
/** The variable's value for a run that is to leave OpenVINO alone, wherever it lies. */
const NONE = "none";

/** The C API's library on Linux, macOS and Windows, with the versions that stand in some names. */
const C_LIBRARY = /^(libopenvino_c\.so(\.\d+)*|libopenvino_c(\.\d+)*\.dylib|openvino_c\.dll)$/;

/**
 * OpenVINO on this machine, undefined where there is none: the folder that `BERTWRIGHT_OPENVINO` names, else the one
 * that was installed, if its files have their sizes; none where the variable is `none`. Throws `InputError` where the
 * variable names no such folder.
 */
export async function findOpenVino(env: Environment = process.env): Promise<FoundOpenVino | undefined> {
  const named = env[VARIABLE];
  if (named === NONE) return undefined;
  if (named) return { folder: await checkNamed(named) };
  const folder = openVinoFolder(env);
  return (await isWhole(folder, { content: false })) ? { folder, version: OPENVINO_VERSION } : undefined;
}

/** Where OpenVINO is installed to. */
export function openVinoFolder(env: Environment): string {
  return join(runtimesFolder(env), `openvino-${OPENVINO_VERSION}`);
}

/** Whether the folder of an installed runtime has all its files: by size, or with `content` by hash. */
export async function isWhole(folder: string, by: { content: boolean }): Promise<boolean> {
  const manifest = await readManifest(folder);
  return manifest !== undefined && (await damagedFile(folder, manifest, by)) === undefined;
}

/**
 * What is wrong with the installed OpenVINO, its content read; undefined where it is whole, not there, or not asked for.
 */
export async function openVinoDamage(env: Environment = process.env): Promise<string | undefined> {
  if (env[VARIABLE]) return undefined;
  const folder = openVinoFolder(env);
  const names = await readdir(folder).catch(() => undefined);
  if (names === undefined) return undefined;
  const manifest = await readManifest(folder);
  if (manifest === undefined) return `${folder} is incomplete`;
  const file = await damagedFile(folder, manifest, { content: true });
  return file === undefined ? undefined : `${join(folder, file)} is damaged or missing`;
}

async function checkNamed(folder: string): Promise<string> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    throw ioError(error, `${VARIABLE}=${folder}`);
  }
  if (names.some((name) => C_LIBRARY.test(name))) return folder;
  throw new InputError(
    `${VARIABLE}=${folder}: OpenVINO's C library is not in this folder.\nGive the folder that holds libopenvino_c, or unset the variable.`,
  );
}
