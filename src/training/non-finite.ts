/**
 * Numbers of a step that are not finite, found before it moves a weight: where they are, and in which rows they began.
 * The sum of squares that a gradient's norm needs shows NaN and infinity by itself; all else is looked at only then.
 */
import type { Features } from "../tasks/features.ts";
import { NonFiniteError } from "../util/errors.ts";
import type { ParameterStore, StoredParameter } from "./parameter-store.ts";

export interface NonFinite {
  /**
   * Row numbers of the features: those that are the cause, and with them those that share a line of attention's grid, for
   * zero times NaN is NaN.
   */
  readonly rows: readonly number[];
  /** What is not finite in these rows; `unknown`: all is, and these are the rows of the batches that may be the cause. */
  readonly rowFault: "labels" | "logits" | "unknown";
  /** Parameters whose gradient is not finite, in the order of the backward pass: the first is nearest to the cause. */
  readonly gradients: readonly string[];
  /** Weights and moments that are not finite already: then no row is the cause. */
  readonly state: readonly string[];
}

/** What a micro-batch gave. */
export interface MicroResult {
  readonly rows: ArrayLike<number>;
  /** What it adds to the step's loss. */
  readonly loss: number;
  readonly logits: Float32Array;
  /** Whether a row has logits for each of its tokens. */
  readonly perToken: boolean;
}

/** The square of a larger one is no float32, and AdamW keeps squares. */
const LARGEST_GRADIENT = Math.sqrt(3.4e38);

/** Whether a step with this loss, and gradients of this norm as the optimizer takes them, may move the weights. */
export function isSound(loss: number, norm: number): boolean {
  return Number.isFinite(loss) && norm < LARGEST_GRADIENT;
}

export function diagnose(
  store: ParameterStore,
  features: Features,
  batches: readonly MicroResult[],
): NonFinite {
  const gradients = store.parameters.filter((parameter) => !areFinite(parameter.gradient, parameter));
  return {
    ...suspects(features, batches),
    gradients: gradients.map(({ spec }) => spec.name).reverse(),
    state: stateFaults(store),
  };
}

function suspects(features: Features, batches: readonly MicroResult[]): Pick<NonFinite, "rows" | "rowFault"> {
  const rowsOf = (some: readonly MicroResult[]) => some.flatMap(({ rows }) => Array.from(rows));
  const byLabels = rowsOf(batches).filter((row) => !features.label(row).every(Number.isFinite));
  if (byLabels.length > 0) return { rows: byLabels, rowFault: "labels" };
  const byLogits = batches.flatMap((batch) => rowsOfLogits(features, batch));
  if (byLogits.length > 0) return { rows: byLogits, rowFault: "logits" };
  const byLoss = batches.filter(({ loss }) => !Number.isFinite(loss));
  return { rows: rowsOf(byLoss.length > 0 ? byLoss : batches), rowFault: "unknown" };
}

/** Throws `NonFiniteError` that names weights and moments which are not finite: `what` would be of no use. */
export function checkState(store: ParameterStore, what: string): void {
  const faults = stateFaults(store);
  if (faults.length === 0) return;
  const have = faults.length === 1 ? "has" : "have";
  throw new NonFiniteError(
    `${what}: ${listed(faults, 2)} ${have} numbers that are not finite.\n` +
      "Train with a smaller learning rate, or begin from another model.",
  );
}

/** `a`, `a and b`, `a, b and 7 more`. */
export function listed(names: readonly (string | number)[], most: number): string {
  const rest = names.length - most;
  const shown = [...names.slice(0, most), ...(rest > 0 ? [`${rest} more`] : [])];
  return shown.length < 2 ? shown.join() : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** Parameters with a weight that is not finite, and those with such a moment, in words. */
export function stateFaults({ parameters }: ParameterStore): string[] {
  return parameters.flatMap((parameter) => {
    const { spec, weight, moment1, moment2 } = parameter;
    const moments = areFinite(moment1, parameter) && areFinite(moment2, parameter);
    return [
      ...(areFinite(weight, parameter) ? [] : [spec.name]),
      ...(moments ? [] : [`the moments of ${spec.name}`]),
    ];
  });
}

function areFinite(values: Float32Array, { arena, squares }: StoredParameter): boolean {
  arena.kernels.sumOfSquares(values, squares);
  return Number.isFinite(squares[0]);
}

/** The rows of a batch whose logits, which lie row after row, are not all finite. */
function rowsOfLogits(features: Features, { rows, logits, perToken }: MicroResult): number[] {
  const list = Array.from(rows);
  const shares = list.map((row) => (perToken ? features.length(row) : 1));
  const width = logits.length / shares.reduce((a, b) => a + b, 0);
  let start = 0;
  return list.filter((_, i) => {
    const own = logits.subarray(start, start + width * shares[i]);
    start += own.length;
    return own.some((value) => !Number.isFinite(value));
  });
}
