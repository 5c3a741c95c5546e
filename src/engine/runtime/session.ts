/**
 * What every runtime offers: load an ONNX model once, bind named inputs and outputs to memory, run.
 * One contract suite (`session.contract.ts`) holds for each implementation.
 */

export type ElementType = "float32" | "bfloat16" | "int64" | "int32" | "uint8";

/** Memory with a shape. `data` is used in place; it must outlive every run that names it. */
export interface TensorView {
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** Float32Array, Uint16Array, BigInt64Array, Int32Array or Uint8Array by `type`; its length is the product of `dims`. */
  readonly data: Float32Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array;
}

export type TensorViews = Readonly<Record<string, TensorView>>;

export interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /**
   * Binds inputs and outputs to memory for all later runs; parameters and gradients are bound once.
   * Inputs are read and outputs written in place. A name that is bound again replaces its binding.
   * All or nothing: throws `TypeError` for a name or type, `RangeError` for dims, that the model does not have.
   */
  bind(tensors: TensorViews): void;
  /**
   * Runs the model: `feeds` and `fetches` are this run's inputs and outputs beside the bound ones. An output that is
   * neither bound nor fetched is not written, though it may still be computed. Does not block the JavaScript thread
   * where the runtime can.
   * Rejects with `signal.reason` when the signal aborts, also in the middle of the run; a later run works again.
   * Throws `TypeError` or `RangeError` for tensors that the model does not declare so. Two runs must not overlap.
   */
  run(feeds: TensorViews, fetches: TensorViews, options?: { signal?: AbortSignal }): Promise<void>;
  /** Frees native memory, once; a run that is under way ends first. The session cannot be used afterwards. */
  dispose(): void;
}

/** Of matrix products; parameters, gradients and everything outside of the products are float32 in each. */
export type Precision = "float32" | "bf16";

export interface SessionOptions {
  /** Threads that one operator may use; default: the processor's available parallelism. */
  threads?: number;
  /** Default `float32`; a runtime without bf16 products rejects `bf16`. */
  precision?: Precision;
  /**
   * The time of each operator goes to a file whose name begins so, at `dispose`, in a form of the runtime's own; the
   * package's own binding writes none.
   */
  profilePrefix?: string;
}

export type RuntimeName = "onnxruntime" | "onnxruntime-binding" | "openvino";

export interface Runtime {
  /** Such as `onnxruntime` or `onnxruntime-binding`. */
  readonly name: RuntimeName;
  /** The library's own version text. */
  readonly version: string;
  /** What matrix products can be computed in on this processor, `float32` first. */
  readonly precisions: readonly Precision[];
  /** Whether each shape that it has not seen costs it time, and memory that it keeps: few shapes are then better. */
  readonly compilesShapes: boolean;
  /** Whether tensors may lie in memory that several threads see. */
  readonly takesSharedMemory: boolean;
  createSession(model: Uint8Array, options?: SessionOptions): Promise<Session>;
}

/** For runtimes that have no bf16 products: they would compute in float32 without a word. */
export function refuseBf16({ precision }: SessionOptions): void {
  if (precision === "bf16") throw new Error("this runtime has no matrix products in bf16");
}
