/** What a model declares of its inputs and outputs, and the checks that every runtime makes before native code reads memory. */
import { nearMiss } from "../../util/errors.ts";
import type { ElementType, TensorView } from "./session.ts";

/** A declared input or output: `[T, 384]` has a symbol and a number; `dims` is undefined where the model leaves it open. */
export interface TensorInfo {
  readonly name: string;
  /** `ElementType`, or another type's name that no `TensorView` can have. */
  readonly type: string;
  readonly dims: readonly (number | string)[] | undefined;
}

const ARRAYS = {
  float32: Float32Array,
  bfloat16: Uint16Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
} satisfies Record<ElementType, unknown>;

/** Finds `name` among the declared tensors; throws `TypeError` naming the nearest one. */
export function declared(role: string, infos: ReadonlyMap<string, TensorInfo>, name: string): TensorInfo {
  const info = infos.get(name);
  if (info) return info;
  const near = nearMiss(name, infos.keys());
  throw new TypeError(`the model has no ${role} "${name}"${near === undefined ? "" : `, it has "${near}"`}`);
}

/**
 * Throws `TypeError` for another element type than declared or an array of another kind,
 * `RangeError` for dims that contradict the declared ones or the array's length.
 */
export function checkTensor(role: string, info: TensorInfo, view: TensorView): void {
  const where = `${role} "${info.name}"`;
  if (view.type !== info.type) throw new TypeError(`${where}: expected ${info.type}, got ${view.type}`);
  if (!(view.data instanceof ARRAYS[view.type])) {
    throw new TypeError(
      `${where}: ${view.type} is held by ${ARRAYS[view.type].name}, got ${view.data.constructor.name}`,
    );
  }
  if (!matches(view.dims, info.dims)) {
    throw new RangeError(`${where}: expected dims [${info.dims?.join(", ")}], got [${view.dims.join(", ")}]`);
  }
  const length = view.dims.reduce((product, dim) => product * dim, 1);
  if (view.data.length !== length) {
    throw new RangeError(
      `${where}: dims [${view.dims.join(", ")}] need ${length} elements, got ${view.data.length}`,
    );
  }
}

/** Checks a tensor that is to be bound: to the input of its name, to the output, or, where there are both, to both. */
export function checkBinding(
  inputs: ReadonlyMap<string, TensorInfo>,
  outputs: ReadonlyMap<string, TensorInfo>,
  name: string,
  view: TensorView,
): void {
  const [input, output] = [inputs.get(name), outputs.get(name)];
  if (input) checkTensor("input", input, view);
  if (output) checkTensor("output", output, view);
  if (!input && !output) declared("input or output", new Map([...inputs, ...outputs]), name);
}

function matches(dims: readonly number[], expected: TensorInfo["dims"]): boolean {
  if (!dims.every((dim) => Number.isInteger(dim) && dim >= 0)) return false;
  if (expected === undefined) return true;
  return (
    dims.length === expected.length && expected.every((dim, i) => typeof dim === "string" || dim === dims[i])
  );
}

/** Throws `TypeError` with the names of inputs that have no tensor: a run needs them all. */
export function checkComplete(inputNames: readonly string[], given: (name: string) => boolean): void {
  const missing = inputNames.filter((name) => !given(name));
  if (missing.length > 0) {
    const more = missing.length > 3 ? ` and ${missing.length - 3} more` : "";
    throw new TypeError(`run: no tensor for input ${missing.slice(0, 3).join(", ")}${more}`);
  }
}
