/**
 * What this repository's own programs, parity and bench, need beyond the public API. The package does not export it: it
 * changes without notice.
 */

export { loadRuntime, type RuntimeChoice } from "./engine/runtime/runtimes.ts";
export type { Runtime } from "./engine/runtime/session.ts";
export { type CaseReport, checkFolder } from "./parity/check-folder.ts";
export { Features } from "./tasks/features.ts";
export { largestSizes } from "./training/batch.ts";
export { initialize, ParameterStore } from "./training/parameter-store.ts";
export { TrainingStep } from "./training/training-step.ts";
