/** Which runtimes there are on this machine, what each offers here, and what to do where one is missing. */
import { findOrtLibrary } from "../engine/runtime/ort-library.ts";
import { loadRuntime } from "../engine/runtime/runtimes.ts";
import type { Environment } from "../files/hub/environment.ts";
import { processorHasBf16 } from "../files/processor.ts";
import { findOpenVino, openVinoDamage, whyNoOpenVino } from "../files/runtimes/openvino.ts";

export interface RuntimeStatus {
  /** As the option `runtime` takes it. */
  name: "onnxruntime" | "onnxruntime-binding" | "openvino";
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
  precisions: readonly ("float32" | "bf16")[];
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

type Name = RuntimeStatus["name"];
type Found = Omit<RuntimeStatus, "name" | "available">;

async function status(name: Name, look: () => Promise<Found>): Promise<RuntimeStatus> {
  try {
    const found = await look();
    return { name, available: found.problem === undefined, ...found };
  } catch (error) {
    const [problem, advice] = messageOf(error).split("\n");
    return { name, available: false, problem: problem.replace(/\.$/, ""), advice, precisions: [] };
  }
}

async function onnxRuntime(name: "onnxruntime" | "onnxruntime-binding"): Promise<Found> {
  const { version } = await loadRuntime(name);
  return { version, location: findOrtLibrary(), precisions: ["float32"] };
}

const INSTALL = "Install it: bertwright runtimes install openvino";

async function openVino(env: Environment, bf16: boolean | undefined): Promise<Found> {
  const damage = env.BERTWRIGHT_OPENVINO ? undefined : await openVinoDamage(env);
  if (damage !== undefined) return { problem: damage, advice: INSTALL, precisions: [] };
  const found = await findOpenVino(env);
  if (found === undefined) {
    const reason = whyNoOpenVino();
    if (reason !== undefined) return { problem: reason, precisions: [] };
    return { problem: "not installed", advice: INSTALL, precisions: [] };
  }
  return {
    version: found.version,
    location: found.folder,
    precisions: bf16 ? ["float32", "bf16"] : ["float32"],
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
