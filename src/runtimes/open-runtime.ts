/** The runtime that a run asks for, with what is installed on this machine. */
import {
  type LoadedRuntime,
  loadRuntime,
  type PrecisionChoice,
  type RuntimeChoice,
} from "../engine/runtime/runtimes.ts";
import type { Precision } from "../engine/runtime/session.ts";
import { bf16IsDoubtful, processorHasBf16 } from "../files/processor.ts";
import { findOpenVino } from "../files/runtimes/openvino.ts";
import { whyNoOpenVino } from "../files/runtimes/why-no-openvino.ts";
import { InputError } from "../util/errors.ts";
import { type Bf16Speed, isBf16Faster, isBf16Slower, measureBf16Speed } from "./bf16-speed.ts";

export interface RuntimeRequest {
  /** Default `auto`. */
  runtime?: RuntimeChoice;
  /** Default `float32`. */
  precision?: PrecisionChoice;
  /** What `auto` was before, which it is again where the processor has it: a run goes on as it began. */
  before?: Precision;
  /** Default: the processor's. */
  threads?: number;
}

export interface OpenedRuntime extends LoadedRuntime {
  /** What a person should know: `auto` did not get its first runtime, bf16 is slow here. */
  readonly warnings: readonly string[];
}

/** Default: this processor's. */
export interface ProcessorFacts {
  bf16Speed?: Bf16Speed;
  isDoubtful?: () => boolean;
}

/**
 * `auto` is bf16 where that is clearly faster than float32, by `bf16Speed`; a bf16 that was asked for is measured only where
 * it is doubtful, since that takes some 0.3 s. Throws `InputError` where what is asked for needs OpenVINO and there is none,
 * and as `loadRuntime` does.
 */
export async function openRuntime(
  { runtime = "auto", precision, before, threads }: RuntimeRequest,
  { bf16Speed = measureBf16Speed, isDoubtful = bf16IsDoubtful }: ProcessorFacts = {},
): Promise<OpenedRuntime> {
  const openVino = await findOpenVino();
  if (openVino === undefined) {
    if (runtime === "openvino") throw await noOpenVino("--runtime openvino");
    if (precision === "bf16") throw await noOpenVino("--precision bf16 needs the runtime openvino");
  }
  // A library may offer bf16 without the instructions, with more work than float32 is.
  const affordable = precision === "auto" && processorHasBf16() === false ? "float32" : precision;
  const options = { openVino: openVino?.folder, precision: affordable };
  const loaded = await loadRuntime(runtime, options);
  if (loaded.precision === "float32" || (precision === "bf16" && !isDoubtful())) return withWarnings(loaded);
  const float32 = await loadRuntime(loaded.name, { ...options, precision: "float32" });
  if (precision === "auto" && before !== undefined) return withWarnings(before === "bf16" ? loaded : float32);
  const speed = await bf16Speed({ bf16: loaded, float32 }, threads);
  if (precision === "auto") return withWarnings(isBf16Faster(speed) ? loaded : float32);
  return withWarnings(loaded, speed);
}

function withWarnings(runtime: LoadedRuntime, speed?: number): OpenedRuntime {
  const { name, fallbackReason } = runtime;
  const warnings: string[] = [];
  if (fallbackReason !== undefined) {
    warnings.push(`${name} runs in place of the first choice: ${fallbackReason}`);
  }
  if (speed !== undefined && isBf16Slower(speed)) {
    const times = `${speed.toFixed(2)} times as fast as in float32`;
    warnings.push(`in bf16 products are ${times} on this processor; --precision float32 would save time`);
  }
  return { ...runtime, warnings };
}

async function noOpenVino(asked: string): Promise<InputError> {
  const { problem, advice } = await whyNoOpenVino();
  return new InputError([`${asked}: ${problem}.`, advice ?? []].flat().join("\n"));
}
