/** The runtime that a run asks for, with what is installed on this machine. */
import {
  type LoadedRuntime,
  loadRuntime,
  type PrecisionChoice,
  type RuntimeChoice,
} from "../engine/runtime/runtimes.ts";
import { processorHasBf16 } from "../files/processor.ts";
import { findOpenVino } from "../files/runtimes/openvino.ts";
import { whyNoOpenVino } from "../files/runtimes/why-no-openvino.ts";
import { InputError } from "../util/errors.ts";

export interface RuntimeRequest {
  /** Default `auto`. */
  runtime?: RuntimeChoice;
  /** Default `float32`. */
  precision?: PrecisionChoice;
}

/** Throws `InputError` where what is asked for needs OpenVINO and there is none, and as `loadRuntime` does. */
export async function openRuntime({ runtime = "auto", precision }: RuntimeRequest): Promise<LoadedRuntime> {
  const openVino = await findOpenVino();
  if (openVino === undefined) {
    if (runtime === "openvino") throw await noOpenVino("--runtime openvino");
    if (precision === "bf16") throw await noOpenVino("--precision bf16 needs the runtime openvino");
  }
  // A library may offer bf16 without the instructions, with more work than float32 is.
  const affordable = precision === "auto" && processorHasBf16() === false ? "float32" : precision;
  return loadRuntime(runtime, { openVino: openVino?.folder, precision: affordable });
}

/** What a person should know where `auto` did not take its first choice; undefined where it did. */
export function fallbackWarning({ name, fallbackReason }: LoadedRuntime): string | undefined {
  return fallbackReason && `${name} runs in place of the first choice: ${fallbackReason}`;
}

async function noOpenVino(asked: string): Promise<InputError> {
  const { problem, advice } = await whyNoOpenVino();
  return new InputError([`${asked}: ${problem}.`, advice ?? []].flat().join("\n"));
}
