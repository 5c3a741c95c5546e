/** The runtime that a run asks for, with what is installed on this machine. */
import {
  type LoadedRuntime,
  loadRuntime,
  type PrecisionChoice,
  type RuntimeChoice,
} from "../engine/runtime/runtimes.ts";
import { findOpenVino } from "../files/runtimes/openvino.ts";

export interface RuntimeRequest {
  /** Default `auto`. */
  runtime?: RuntimeChoice;
  /** Default `float32`. */
  precision?: PrecisionChoice;
}

/** Rejects with `InputError` as `loadRuntime` does. */
export async function openRuntime({ runtime = "auto", precision }: RuntimeRequest): Promise<LoadedRuntime> {
  const openVino = await findOpenVino();
  return loadRuntime(runtime, { openVino: openVino?.folder, precision });
}
