/** The time of each operator of each run, as OpenVINO counts it, in a file. */
import { writeFileSync } from "node:fs";
import { nativeArray } from "./native-memory.ts";
import type { OpenVinoContext } from "./openvino-tensors.ts";
import type { Pointer } from "./ort-library.ts";

/** The file: a list of runs. */
export interface ProfiledRun {
  /** Milliseconds of the whole run. */
  readonly ms: number;
  readonly operators: readonly ProfiledOperator[];
}

export interface ProfiledOperator {
  /** Of the node in the ONNX model, or of one that the library put beside it. */
  readonly name: string;
  /** In the library's words, such as `FullyConnected`. */
  readonly type: string;
  /** Microseconds, to as many as there were runs. */
  readonly us: number;
}

/** ov_profiling_info_t: status, real time, time of the processor, and the texts name, kernel and type. */
const FIELDS = 6;
/** ov_profiling_info_t::Status */
const EXECUTED = 2n;

export class OpenVinoProfile {
  readonly #context: OpenVinoContext;
  readonly #file: string;
  readonly #runs: ProfiledRun[] = [];
  /** Microseconds of all runs so far, by the operator's place in the list. */
  #totals: number[] = [];

  constructor(context: OpenVinoContext, prefix: string) {
    this.#context = context;
    this.#file = `${prefix}.json`;
  }

  /** Notes the last run of `request`, which took so many milliseconds. */
  add(request: Pointer, ms: number): void {
    const { koffi, api } = this.#context;
    const list = nativeArray(koffi, 2);
    api.ov_infer_request_get_profiling_info(request, list.address);
    const [infos, count] = list.values;
    const words = koffi.decode(infos, "uint64_t", FIELDS * Number(count)) as (number | bigint)[];
    const told = Array.from({ length: Number(count) }, (_, i) => {
      const [status, mean, , name, , type] = words.slice(FIELDS * i, FIELDS * (i + 1)).map(BigInt);
      return {
        // An int of four bytes; what is behind it may be anything.
        isExecuted: (status & 0xffffffffn) === EXECUTED,
        mean: Number(mean),
        name: koffi.decode.string(name),
        type: koffi.decode.string(type),
      };
    });
    api.ov_profiling_info_list_free(list.address);
    this.#runs.push({ ms, operators: this.#ofLastRun(told) });
  }

  /** The library tells the mean of all runs so far. */
  #ofLastRun(
    told: readonly { isExecuted: boolean; mean: number; name: string; type: string }[],
  ): ProfiledOperator[] {
    const runs = this.#runs.length + 1;
    const totals = told.map(({ mean }) => mean * runs);
    const before = this.#totals;
    this.#totals = totals;
    return told.flatMap(({ isExecuted, name, type }, i) =>
      isExecuted ? [{ name, type, us: Math.max(0, totals[i] - (before[i] ?? 0)) }] : [],
    );
  }

  write(): void {
    writeFileSync(this.#file, JSON.stringify(this.#runs));
  }
}
