/**
 * What this repository's own programs (parity, bench, torture) need beyond the public API. The package does not export it: it
 * changes without notice.
 */

export { loweringOf } from "./engine/onnx/lowering.ts";
export { matMul } from "./engine/ops/matmul.ts";
export type { ProfiledOperator, ProfiledRun } from "./engine/runtime/openvino-profile.ts";
export { type LoadedRuntime, loadRuntime, type RuntimeChoice } from "./engine/runtime/runtimes.ts";
export type { Precision } from "./engine/runtime/session.ts";
export { currentDisk, type Disk, withDisk } from "./files/disk.ts";
export { DEFAULT_MODEL } from "./files/hub/model-name.ts";
export { resolveModel } from "./files/hub/resolve.ts";
export { ScratchFiles } from "./files/scratch-files.ts";
export { type DiskCall, type Watcher, watchedDisk } from "./files/watched-disk.ts";
export { type CaseReport, checkFolder } from "./parity/check-folder.ts";
export { openRuntime } from "./runtimes/open-runtime.ts";
export { createPlainProduct, LARGE_SQUARE, type ProductSize } from "./runtimes/plain-product.ts";
export { Features } from "./tasks/features.ts";
export { batchSizes, largestSizes, type Sizes } from "./training/batch.ts";
export { CheckpointFolder, latestCheckpoint } from "./training/checkpoints/checkpoint-folder.ts";
export { loadWeights, planWeights } from "./training/load-weights.ts";
export { firstState } from "./training/loop-state.ts";
export { chooseRecompute, trainingLowering } from "./training/memory-plan.ts";
export { type ModelFiles, openModelFiles } from "./training/model-files.ts";
export { productOperations } from "./training/operations.ts";
export { initialize, ParameterStore } from "./training/parameter-store.ts";
export { TrainingStep } from "./training/training-step.ts";
export { WeightsCopy } from "./training/weights-copy.ts";
