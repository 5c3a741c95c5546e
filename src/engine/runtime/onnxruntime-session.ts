/** A session over ONNX Runtime's C API: tensors are made on the caller's memory, and a run leaves the JavaScript thread. */
import { type NativeArray, type NativeStrings, nativeArray, nativeStrings } from "./native-memory.ts";
import type { Pointer } from "./ort-library.ts";
import { createTensor, type NativeTensor, type OrtContext } from "./ort-tensors.ts";
import type { Session, TensorView, TensorViews } from "./session.ts";
import { SessionState } from "./session-state.ts";
import { checkBinding, checkComplete, checkTensor, declared, type TensorInfo } from "./tensors.ts";

/** Names and tensors of one side of a run, as the C function takes them, and all memory that they point into. */
interface Side {
  readonly names: NativeArray;
  readonly values: NativeArray;
  readonly count: number;
  readonly tensors: readonly NativeTensor[];
}

export class OnnxRuntimeSession implements Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #context: OrtContext;
  readonly #session: Pointer;
  readonly #runOptions: Pointer;
  readonly #inputs: ReadonlyMap<string, TensorInfo>;
  readonly #outputs: ReadonlyMap<string, TensorInfo>;
  readonly #names: NativeStrings;
  readonly #boundInputs = new Map<string, NativeTensor>();
  readonly #boundOutputs = new Map<string, NativeTensor>();
  readonly #state = new SessionState(() => this.#release());

  /** Takes over the native `session`. */
  constructor(
    context: OrtContext,
    session: Pointer,
    inputs: readonly TensorInfo[],
    outputs: readonly TensorInfo[],
  ) {
    this.#context = context;
    this.#session = session;
    this.inputNames = inputs.map(({ name }) => name);
    this.outputNames = outputs.map(({ name }) => name);
    this.#inputs = new Map(inputs.map((info) => [info.name, info]));
    this.#outputs = new Map(outputs.map((info) => [info.name, info]));
    this.#names = nativeStrings(context.koffi, [...new Set([...this.inputNames, ...this.outputNames])]);
    context.api.CreateRunOptions(context.out.address);
    this.#runOptions = context.out.values[0];
  }

  bind(tensors: TensorViews): void {
    this.#state.checkIdle("bind");
    const names = Object.keys(tensors);
    for (const name of names) checkBinding(this.#inputs, this.#outputs, name, tensors[name]);
    for (const name of names) {
      if (this.#inputs.has(name)) this.#rebind(this.#boundInputs, name, tensors[name]);
      if (this.#outputs.has(name)) this.#rebind(this.#boundOutputs, name, tensors[name]);
    }
  }

  async run(feeds: TensorViews, fetches: TensorViews, options: { signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    const { api } = this.#context;
    this.#state.checkIdle("run");
    signal?.throwIfAborted();
    checkComplete(this.inputNames, (name) => this.#boundInputs.has(name) || Object.hasOwn(feeds, name));
    const own: NativeTensor[] = [];
    const terminate = () => api.RunOptionsSetTerminate(this.#runOptions);
    try {
      const inputs = this.#side("input", feeds, own);
      const outputs = this.#side("output", fetches, own);
      this.#state.begin([inputs, outputs]);
      signal?.addEventListener("abort", terminate);
      await this.#runNative(inputs, outputs);
      signal?.throwIfAborted();
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener("abort", terminate);
      api.RunOptionsUnsetTerminate(this.#runOptions);
      for (const { value } of own) api.ReleaseValue(value);
      this.#state.end();
    }
  }

  dispose(): void {
    this.#state.dispose();
  }

  #rebind(bound: Map<string, NativeTensor>, name: string, view: TensorView): void {
    const previous = bound.get(name);
    bound.set(name, createTensor(this.#context, view));
    if (previous) this.#context.api.ReleaseValue(previous.value);
  }

  /** The bound tensors with those of this run instead or beside; the latter are added to `own`, for the caller to release. */
  #side(role: "input" | "output", views: TensorViews, own: NativeTensor[]): Side {
    const [bound, infos] =
      role === "input" ? [this.#boundInputs, this.#inputs] : [this.#boundOutputs, this.#outputs];
    const tensors = new Map(bound);
    for (const [name, view] of Object.entries(views)) {
      checkTensor(role, declared(role, infos, name), view);
      const tensor = createTensor(this.#context, view);
      own.push(tensor);
      tensors.set(name, tensor);
    }
    const names = nativeArray(this.#context.koffi, tensors.size);
    const values = nativeArray(this.#context.koffi, tensors.size);
    let i = 0;
    for (const [name, { value }] of tensors) {
      names.values[i] = this.#names.addresses.get(name)!;
      values.values[i++] = value;
    }
    return { names, values, count: tensors.size, tensors: [...tensors.values()] };
  }

  #runNative(inputs: Side, outputs: Side): Promise<void> {
    const inputArguments = [inputs.names.address, inputs.values.address, inputs.count];
    const outputArguments = [outputs.names.address, outputs.count, outputs.values.address];
    return new Promise((resolve, reject) => {
      this.#context.api.async.Run(
        [this.#session, this.#runOptions, ...inputArguments, ...outputArguments],
        (error) => (error ? reject(error) : resolve()),
      );
    });
  }

  #release(): void {
    const { api } = this.#context;
    for (const { value } of [...this.#boundInputs.values(), ...this.#boundOutputs.values()])
      api.ReleaseValue(value);
    api.ReleaseRunOptions(this.#runOptions);
    api.ReleaseSession(this.#session);
  }
}
