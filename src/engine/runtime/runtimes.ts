/** Chooses a runtime by name, and the precision of its matrix products. */
import { InputError } from "../../util/errors.ts";
import type { Precision, Runtime, RuntimeName } from "./session.ts";

export type RuntimeChoice = "auto" | RuntimeName;

/** `auto`: bf16 where runtime and processor have it (`runtimes/open-runtime.ts`: and it is faster), else float32. */
export type PrecisionChoice = "auto" | Precision;

export interface RuntimeOptions {
  /** The folder of OpenVINO's libraries, undefined where they are not installed. */
  openVino?: string;
  /** Default `float32`. */
  precision?: PrecisionChoice;
}

export interface LoadedRuntime extends Runtime {
  /** What its sessions compute matrix products in. */
  readonly precision: Precision;
  /** Why `auto` did not take the first of its runtimes; undefined where it did. */
  readonly fallbackReason?: string;
}

const INSTALL = "bertwright runtimes install openvino";

/**
 * Loads a runtime. `auto` is OpenVINO where it is installed, else ONNX Runtime through its C API, else through the
 * package's own binding; for bf16 it is OpenVINO alone. Rejects with `InputError` where the choice cannot be loaded, or
 * has no bf16 on this processor.
 */
export async function loadRuntime(
  choice: RuntimeChoice,
  options: RuntimeOptions = {},
): Promise<LoadedRuntime> {
  const { precision: wanted = "float32" } = options;
  const { runtime, fallbackReason } = await firstThatLoads(candidates(choice, options), options);
  const precision = choosePrecision(runtime, wanted);
  return {
    ...runtime,
    precision,
    fallbackReason,
    createSession: (model, session) => runtime.createSession(model, { ...session, precision }),
  };
}

/** In the order in which they are tried. */
function candidates(choice: RuntimeChoice, { openVino, precision }: RuntimeOptions): RuntimeName[] {
  if (choice !== "auto") return [choice];
  if (precision === "bf16") return ["openvino"];
  const installed: RuntimeName[] = openVino === undefined ? [] : ["openvino"];
  return [...installed, "onnxruntime", "onnxruntime-binding"];
}

async function firstThatLoads(
  names: readonly RuntimeName[],
  { openVino }: RuntimeOptions,
): Promise<{ runtime: Runtime; fallbackReason?: string }> {
  let fallbackReason: string | undefined;
  for (const [i, name] of names.entries()) {
    try {
      return { runtime: await load(name, openVino), fallbackReason };
    } catch (error) {
      if (i === names.length - 1) throw unavailable(name, error);
      fallbackReason ??= messageOf(error);
    }
  }
  throw new Error("internal: no runtime to choose from");
}

async function load(name: RuntimeName, openVino: string | undefined): Promise<Runtime> {
  switch (name) {
    case "openvino": {
      if (openVino === undefined)
        throw new InputError(`the runtime openvino is not installed.\nInstall it: ${INSTALL}`);
      const { loadOpenVino } = await import("./openvino.ts");
      return loadOpenVino(openVino);
    }
    case "onnxruntime": {
      const { loadOnnxRuntime } = await import("./onnxruntime.ts");
      return loadOnnxRuntime();
    }
    case "onnxruntime-binding": {
      const { loadOnnxRuntimeBinding } = await import("./onnxruntime-binding.ts");
      return loadOnnxRuntimeBinding();
    }
  }
}

function choosePrecision({ name, precisions }: Runtime, wanted: PrecisionChoice): Precision {
  if (wanted === "auto") return precisions.includes("bf16") ? "bf16" : "float32";
  if (precisions.includes(wanted)) return wanted;
  const reason =
    name === "openvino"
      ? "this processor has no bf16 instructions"
      : `the runtime ${name} has no bf16 products`;
  throw new InputError(
    `bf16: ${reason}.\n${name === "openvino" ? "Take float32." : `Take the runtime openvino (${INSTALL}), or float32.`}`,
  );
}

function unavailable(name: RuntimeName, cause: unknown): InputError {
  if (cause instanceof InputError) return cause;
  const advice =
    name === "openvino"
      ? `Install it again: ${INSTALL}`
      : "Reinstall the package, without leaving out optional dependencies.";
  return new InputError(
    `the runtime ${name} cannot be loaded on ${process.platform} ${process.arch}: ${messageOf(cause)}\n${advice}`,
    { cause },
  );
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0];
}
