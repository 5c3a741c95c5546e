/**
 * A session over OpenVINO's C API: tensors are made on the caller's memory, and a run leaves the JavaScript thread. An
 * infer request keeps the tensors that it was given, so a run sets only those that are other than in the last one.
 */
import type { OpenVinoProfile } from "./openvino-profile.ts";
import {
  createScratch,
  createTensor,
  type OpenVinoContext,
  type OpenVinoTensor,
  readDims,
} from "./openvino-tensors.ts";
import type { Pointer } from "./ort-library.ts";
import type { Session, TensorView, TensorViews } from "./session.ts";
import { SessionState } from "./session-state.ts";
import { checkBinding, checkComplete, checkTensor, declared, type TensorInfo } from "./tensors.ts";

/** An input or output of the request. */
interface Port {
  readonly info: TensorInfo;
  readonly role: "input" | "output";
  readonly pointer: Pointer;
  bound?: OpenVinoTensor;
  /** What the request holds: native code points into its buffer, so it is reachable from here until it is replaced. */
  current?: OpenVinoTensor;
  /** Where an output goes that nobody asked for. */
  scratch?: OpenVinoTensor;
  /** Tensors of the last runs' own memory, the latest last: a batch of known sizes lies where one of them lay. */
  readonly known: KnownTensor[];
}

interface KnownTensor {
  readonly tensor: OpenVinoTensor;
  readonly byteOffset: number;
}

/** A port keeps so many: as many sizes as batches have where they are rounded. */
const MOST_KNOWN = 32;

export class OpenVinoSession implements Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly #context: OpenVinoContext;
  readonly #compiled: Pointer;
  readonly #request: Pointer;
  readonly #inputs: ReadonlyMap<string, Port>;
  readonly #outputs: ReadonlyMap<string, Port>;
  readonly #profile: OpenVinoProfile | undefined;
  #hasRun = false;
  readonly #state = new SessionState(() => this.#release());

  /** Takes over the native `compiled` model. `profile`: of one that was compiled to count. */
  constructor(
    context: OpenVinoContext,
    compiled: Pointer,
    inputs: readonly TensorInfo[],
    outputs: readonly TensorInfo[],
    profile?: OpenVinoProfile,
  ) {
    const { api, out } = context;
    this.#context = context;
    this.#compiled = compiled;
    this.#profile = profile;
    this.inputNames = inputs.map(({ name }) => name);
    this.outputNames = outputs.map(({ name }) => name);
    this.#inputs = ports("input", inputs, context, compiled);
    this.#outputs = ports("output", outputs, context, compiled);
    api.ov_compiled_model_create_infer_request(compiled, out.address);
    this.#request = out.values[0];
  }

  bind(tensors: TensorViews): void {
    this.#state.checkIdle("bind");
    const names = Object.keys(tensors);
    const [inputs, outputs] = [infos(this.#inputs), infos(this.#outputs)];
    for (const name of names) checkBinding(inputs, outputs, name, tensors[name]);
    for (const name of names) {
      for (const port of [this.#inputs.get(name), this.#outputs.get(name)]) {
        if (port) this.#rebind(port, tensors[name]);
      }
    }
  }

  async run(feeds: TensorViews, fetches: TensorViews, options: { signal?: AbortSignal } = {}): Promise<void> {
    const { signal } = options;
    const { api } = this.#context;
    this.#state.checkIdle("run");
    signal?.throwIfAborted();
    checkComplete(
      this.inputNames,
      (name) => this.#inputs.get(name)?.bound !== undefined || Object.hasOwn(feeds, name),
    );
    const cancel = () => api.ov_infer_request_cancel(this.#request);
    try {
      this.#setAll(this.#inputs, this.#views(this.#inputs, feeds));
      this.#setAll(this.#outputs, this.#views(this.#outputs, fetches));
      this.#state.begin();
      const started = performance.now();
      api.ov_infer_request_start_async(this.#request);
      signal?.addEventListener("abort", cancel);
      await this.#wait();
      this.#profile?.add(this.#request, performance.now() - started);
      this.#endFirstRun();
      signal?.throwIfAborted();
      this.#checkOutputs();
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#state.end();
    }
  }

  dispose(): void {
    this.#state.dispose();
  }

  #rebind(port: Port, view: TensorView): void {
    if (port.bound) this.#context.api.ov_tensor_free(port.bound.pointer);
    port.bound = createTensor(this.#context, view);
  }

  /** This run's own tensors, checked. */
  #views(side: ReadonlyMap<string, Port>, views: TensorViews): Map<string, OpenVinoTensor> {
    const role = side === this.#inputs ? "input" : "output";
    const known = infos(side);
    const given = new Map<string, OpenVinoTensor>();
    for (const [name, view] of Object.entries(views)) {
      checkTensor(role, declared(role, known, name), view);
      given.set(name, this.#tensorOn(side.get(name)!, view));
    }
    return given;
  }

  /** The tensor on the memory of `view`: one of the port's, or a new one in place of that which was used longest ago. */
  #tensorOn({ known }: Port, view: TensorView): OpenVinoTensor {
    const { data, dims } = view;
    const at = known.findIndex(
      ({ tensor, byteOffset }) =>
        tensor.buffer === data.buffer && byteOffset === data.byteOffset && sameDims(tensor.dims, dims),
    );
    const found = at < 0 ? undefined : known.splice(at, 1)[0];
    const latest = found ?? { tensor: createTensor(this.#context, view), byteOffset: data.byteOffset };
    known.push(latest);
    // What the request holds is never the first: it was the latest of the run before.
    if (known.length > MOST_KNOWN) this.#context.api.ov_tensor_free(known.shift()!.tensor.pointer);
    return latest.tensor;
  }

  #setAll(side: ReadonlyMap<string, Port>, given: ReadonlyMap<string, OpenVinoTensor>): void {
    for (const [name, port] of side) {
      const tensor = given.get(name) ?? port.bound ?? this.#scratch(port);
      if (port.current === tensor) continue;
      this.#context.api.ov_infer_request_set_tensor_by_const_port(
        this.#request,
        port.pointer,
        tensor.pointer,
      );
      port.current = tensor;
    }
  }

  #scratch(port: Port): OpenVinoTensor {
    port.scratch ??= createScratch(this.#context, port.info);
    return port.scratch;
  }

  #endFirstRun(): void {
    if (!this.#hasRun) this.#context.heap?.settle();
    this.#hasRun = true;
  }

  #wait(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#context.api.async.ov_infer_request_wait([this.#request], (error) =>
        error ? reject(error) : resolve(),
      );
    });
  }

  /** A result smaller than the memory for it is written without a word. */
  #checkOutputs(): void {
    const { api, out } = this.#context;
    for (const { info, pointer, current, scratch } of this.#outputs.values()) {
      // What has one size has it; of a scalar the library does not tell a shape.
      if (!current || current === scratch || hasOneSize(info)) continue;
      api.ov_infer_request_get_tensor_by_const_port(this.#request, pointer, out.address);
      const tensor = out.values[0];
      const dims = readDims(this.#context, tensor);
      api.ov_tensor_free(tensor);
      if (dims.join() !== current.dims.join()) {
        throw new Error(
          `output "${info.name}" has dims [${dims.join(", ")}], memory is for [${current.dims.join(", ")}]`,
        );
      }
    }
  }

  #release(): void {
    const { api } = this.#context;
    this.#profile?.write();
    api.ov_infer_request_free(this.#request);
    for (const { pointer, bound, scratch, known } of [...this.#inputs.values(), ...this.#outputs.values()]) {
      for (const tensor of [bound, scratch, ...known.map((one) => one.tensor)]) {
        if (tensor) api.ov_tensor_free(tensor.pointer);
      }
      api.ov_output_const_port_free(pointer);
    }
    api.ov_compiled_model_free(this.#compiled);
  }
}

function ports(
  role: Port["role"],
  infos: readonly TensorInfo[],
  { api, out }: OpenVinoContext,
  compiled: Pointer,
): ReadonlyMap<string, Port> {
  return new Map(
    infos.map((info) => {
      api[`ov_compiled_model_${role}_by_name`](compiled, info.name, out.address);
      return [info.name, { info, role, pointer: out.values[0], known: [] }];
    }),
  );
}

function infos(ports: ReadonlyMap<string, Port>): ReadonlyMap<string, TensorInfo> {
  return new Map([...ports].map(([name, { info }]) => [name, info]));
}

function sameDims(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dim, i) => dim === b[i]);
}

function hasOneSize({ dims }: TensorInfo): boolean {
  return dims?.every((dim) => typeof dim === "number") ?? false;
}
