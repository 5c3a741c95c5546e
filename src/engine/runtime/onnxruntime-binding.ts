/**
 * ONNX Runtime through the JavaScript binding of onnxruntime-node, for platforms where the C API cannot be reached:
 * a run blocks the JavaScript thread, cannot be stopped half-way, and copies each output once more.
 */
import { availableParallelism } from "node:os";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import {
  type Runtime,
  refuseBf16,
  type Session,
  type SessionOptions,
  type TensorView,
  type TensorViews,
} from "./session.ts";
import { SessionState } from "./session-state.ts";
import { checkBinding, checkComplete, checkTensor, declared, type TensorInfo } from "./tensors.ts";

type Ort = typeof import("onnxruntime-node");

/** Loads the binding. Rejects where the package has no build for this platform. */
export async function loadOnnxRuntimeBinding(): Promise<Runtime> {
  const ort = await import("onnxruntime-node");
  return {
    name: "onnxruntime-binding",
    version: ort.env.versions.node ?? ort.env.versions.common,
    precisions: ["float32"],
    compilesShapes: false,
    takesSharedMemory: false,
    createSession: (model, options) => createSession(ort, model, options),
  };
}

async function createSession(ort: Ort, model: Uint8Array, options: SessionOptions = {}): Promise<Session> {
  const { threads = availableParallelism() } = options;
  refuseBf16(options);
  const session = await ort.InferenceSession.create(model, {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "disabled",
    executionMode: "sequential",
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableMemPattern: false,
    logSeverityLevel: 4,
  });
  return new BindingSession(ort, session);
}

class BindingSession implements Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #ort: Ort;
  readonly #session: InferenceSession;
  readonly #inputs: ReadonlyMap<string, TensorInfo>;
  readonly #outputs: ReadonlyMap<string, TensorInfo>;
  readonly #boundInputs: Record<string, Tensor> = {};
  readonly #boundOutputs: Record<string, Tensor> = {};
  readonly #state = new SessionState(() => void this.#session.release());

  constructor(ort: Ort, session: InferenceSession) {
    this.#ort = ort;
    this.#session = session;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
    this.#inputs = describe(session.inputMetadata);
    this.#outputs = describe(session.outputMetadata);
  }

  bind(tensors: TensorViews): void {
    this.#state.checkIdle("bind");
    const names = Object.keys(tensors);
    for (const name of names) checkBinding(this.#inputs, this.#outputs, name, tensors[name]);
    for (const name of names) {
      if (this.#inputs.has(name)) this.#boundInputs[name] = this.#tensor(tensors[name]);
      if (this.#outputs.has(name)) this.#boundOutputs[name] = this.#tensor(tensors[name]);
    }
  }

  async run(feeds: TensorViews, fetches: TensorViews, options: { signal?: AbortSignal } = {}): Promise<void> {
    this.#state.checkIdle("run");
    options.signal?.throwIfAborted();
    checkComplete(
      this.inputNames,
      (name) => Object.hasOwn(this.#boundInputs, name) || Object.hasOwn(feeds, name),
    );
    const inputs = { ...this.#boundInputs, ...this.#tensors("input", this.#inputs, feeds) };
    const outputs = { ...this.#boundOutputs, ...this.#tensors("output", this.#outputs, fetches) };
    this.#state.begin();
    try {
      await this.#session.run(inputs, outputs);
      options.signal?.throwIfAborted();
    } finally {
      this.#state.end();
    }
  }

  dispose(): void {
    this.#state.dispose();
  }

  #tensors(role: string, infos: ReadonlyMap<string, TensorInfo>, views: TensorViews): Record<string, Tensor> {
    const tensors = Object.entries(views).map(([name, view]): [string, Tensor] => {
      checkTensor(role, declared(role, infos, name), view);
      return [name, this.#tensor(view)];
    });
    return Object.fromEntries(tensors);
  }

  #tensor({ type, data, dims }: TensorView): Tensor {
    if (type === "bfloat16") throw new TypeError("onnxruntime-binding: there are no tensors of bfloat16");
    return new this.#ort.Tensor(type, data, dims);
  }
}

function describe(metadata: readonly InferenceSession.ValueMetadata[]): ReadonlyMap<string, TensorInfo> {
  return new Map(
    metadata.map((value) => {
      const type = value.isTensor ? value.type : "a type that is no tensor";
      return [value.name, { name: value.name, type, dims: value.isTensor ? value.shape : undefined }];
    }),
  );
}
