/** Which runtimes there are on this machine, what each offers here, and what to do where one is missing. */
import { findOrtLibrary } from "../engine/runtime/ort-library.ts";
import { loadRuntime } from "../engine/runtime/runtimes.ts";
import type { Precision, RuntimeName } from "../engine/runtime/session.ts";
import type { Environment } from "../files/hub/environment.ts";
import { processorHasBf16 } from "../files/processor.ts";
import { findOpenVino, openVinoDamage } from "../files/runtimes/openvino.ts";
import { whyNoOpenVino } from "../files/runtimes/why-no-openvino.ts";
import { measureBf16Speed } from "./bf16-speed.ts";

export interface RuntimeStatus {
  /** As the option `runtime` takes it. */
  name: RuntimeName;
  available: boolean;
  /** The library's own; undefined where it is not available. */
  version?: string;
  /** The library, or the folder that holds it. */
  location?: string;
  /** Why it is not available, in one line. */
  problem?: string;
  /** What to do about that; undefined where nothing helps. */
  advice?: string;
  /** Of matrix products, on this processor; empty where the runtime is not available. */
  precisions: readonly Precision[];
  /** How many times as fast as in float32 its products are in bf16 here; undefined where it has none, or it cannot be measured. */
  bf16Speed?: number;
}

export interface RuntimeReport {
  /** In Node's words, such as `linux x64`. */
  platform: string;
  /** Whether the processor has bf16 instructions; undefined where the system does not say. */
  bf16?: boolean;
  runtimes: readonly RuntimeStatus[];
}

/** Loads each runtime that is there, and reads the files of an installed one whole. `env`: default `process.env`. */
export async function listRuntimes({
  env = process.env,
}: {
  env?: Environment;
} = {}): Promise<RuntimeReport> {
  const bf16 = processorHasBf16();
  const runtimes = [
    await status("onnxruntime", () => onnxRuntime("onnxruntime")),
    await status("onnxruntime-binding", () => onnxRuntime("onnxruntime-binding")),
    await status("openvino", () => openVino(env, bf16)),
  ];
  return { platform: `${process.platform} ${process.arch}`, bf16, runtimes };
}

type Found = Omit<RuntimeStatus, "name" | "available">;

async function status(name: RuntimeName, look: () => Promise<Found>): Promise<RuntimeStatus> {
  try {
    const found = await look();
    return { name, available: found.problem === undefined, ...found };
  } catch (error) {
    const [problem, advice] = messageOf(error).split("\n");
    return { name, available: false, problem: problem.replace(/\.$/, ""), advice, precisions: [] };
  }
}

async function onnxRuntime(name: "onnxruntime" | "onnxruntime-binding"): Promise<Found> {
  const { version, precisions } = await loadRuntime(name);
  return { version, location: findOrtLibrary(), precisions };
}

async function openVino(env: Environment, bf16: boolean | undefined): Promise<Found> {
  const found = (await openVinoDamage(env)) === undefined ? await findOpenVino(env) : undefined;
  if (found === undefined) return { ...(await whyNoOpenVino(env)), precisions: [] };
  const options = { openVino: found.folder };
  const float32 = await loadRuntime("openvino", options);
  const { version } = float32;
  const precisions: readonly Precision[] = bf16 === false ? ["float32"] : float32.precisions;
  if (!precisions.includes("bf16")) return { version, location: found.folder, precisions };
  const inBf16 = await loadRuntime("openvino", { ...options, precision: "bf16" });
  const speed = await measureBf16Speed({ bf16: inBf16, float32 });
  return { version, location: found.folder, precisions, bf16Speed: speed && Number(speed.toFixed(2)) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
