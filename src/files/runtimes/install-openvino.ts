/** Brings OpenVINO's library into our cache: from the wheel that pip fetches, or from one that the user has. */
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InputError } from "../../util/errors.ts";
import { makeFolder, moveFolder } from "../atomic.ts";
import { checkRoom, ioError } from "../io-errors.ts";
import { withWorkFolder } from "../temporary-files.ts";
import { unpackWheel } from "../wheels/wheel.ts";
import { writeManifest } from "./manifest.ts";
import { keptWheel, type ObtainOptions, obtainWheel } from "./obtain-wheel.ts";
import { type FoundOpenVino, isWhole, openVinoFolder } from "./openvino.ts";
import { OPENVINO_VERSION, type OpenVinoWheel, openVinoWheel } from "./openvino-wheels.ts";
import { thisMachine, whyNoBuild } from "./why-no-openvino.ts";

export interface InstallOpenVinoOptions extends ObtainOptions {
  /** Default the one for this machine. */
  wheel?: OpenVinoWheel;
}

export interface InstalledOpenVino extends FoundOpenVino {
  version: string;
  /** False where it was there already. */
  fresh: boolean;
}

/**
 * Installs OpenVINO where it is not there whole. Throws `InputError` where this machine has no build, the wheel cannot
 * be had or is not the pinned one, or the disk is full.
 */
export async function installOpenVino(options: InstallOpenVinoOptions = {}): Promise<InstalledOpenVino> {
  const { env = process.env, signal } = options;
  const wheel = options.wheel ?? wheelOfMachine();
  const folder = openVinoFolder(env);
  const installed = { folder, version: OPENVINO_VERSION };
  if (await isWhole(folder, { content: true })) return { ...installed, fresh: false };
  await makeFolder(dirname(folder));
  const needed = 4 * wheel.size; // the wheel, what it unpacks to, and some air
  checkRoom(folder, needed);
  try {
    await withWorkFolder(folder, async (work) => {
      const path = await obtainWheel(wheel, { work, keep: dirname(folder) }, options);
      const unpacked = join(work, "runtime");
      await mkdir(unpacked);
      await unpackWheel(path, wheel.files, unpacked, signal);
      await writeManifest(
        unpacked,
        { name: "openvino", version: OPENVINO_VERSION },
        wheel.files.map(({ name }) => name),
      );
      await moveFolder(unpacked, folder, (other) => isWhole(other, { content: true }));
      await rm(keptWheel(wheel, dirname(folder)), { force: true });
    });
  } catch (error) {
    throw ioError(error, folder, needed);
  }
  return { ...installed, fresh: true };
}

function wheelOfMachine(): OpenVinoWheel {
  const machine = thisMachine();
  const problem = whyNoBuild(machine);
  const wheel = openVinoWheel(machine.platform, machine.arch);
  if (problem === undefined && wheel !== undefined) return wheel;
  throw new InputError(`${problem}.\nThe runtime onnxruntime is there without it.`);
}
