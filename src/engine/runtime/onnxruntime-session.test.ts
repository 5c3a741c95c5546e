/** What a session asks of the C API: everything that it makes is released once, whatever happens in between. */
import { beforeEach, describe, expect, it } from "vitest";
import { loadKoffi } from "../../util/koffi.ts";
import { nativeArray } from "./native-memory.ts";
import { OnnxRuntimeSession } from "./onnxruntime-session.ts";
import type { OrtApi } from "./ort-api.ts";
import type { OrtContext } from "./ort-tensors.ts";
import type { TensorView } from "./session.ts";

const SESSION = 7n;
const INPUT = { name: "x", type: "float32", dims: ["N"] };
const OUTPUT = { name: "y", type: "float32", dims: ["N"] };
const view = (): TensorView => ({ type: "float32", dims: [2], data: new Float32Array(2) });

const koffi = await loadKoffi();
let alive: Set<bigint>;
let calls: string[];
/** Ends the run under way; undefined where none is. */
let endRun: ((error?: Error) => void) | undefined;
let session: OnnxRuntimeSession;

/** A C API that only keeps books: `alive` holds every tensor, session and run options that is not released. */
function bookkeeping(): OrtContext {
  const out = nativeArray(koffi, 1);
  let next = 100n;
  const make = () => {
    next += 1n;
    alive.add(next);
    out.values[0] = next;
  };
  const release = (object: bigint) => {
    if (!alive.delete(object)) throw new Error(`released twice, or never made: ${object}`);
  };
  const api: Partial<OrtApi> = {
    CreateRunOptions: make,
    CreateTensorWithDataAsOrtValue: make,
    ReleaseValue: release,
    ReleaseRunOptions: release,
    ReleaseSession: release,
    RunOptionsSetTerminate: () => void calls.push("terminate"),
    RunOptionsUnsetTerminate: () => void calls.push("go on"),
    async: {
      CreateSessionFromArray: () => {},
      Run: (_, done) => {
        calls.push("run");
        endRun = done;
      },
    },
  };
  return { koffi, api: api as OrtApi, environment: 0n, memoryInfo: 0n, allocator: 0n, out };
}

beforeEach(() => {
  alive = new Set([SESSION]);
  calls = [];
  endRun = undefined;
  session = new OnnxRuntimeSession(bookkeeping(), SESSION, [INPUT], [OUTPUT]);
});

describe("OnnxRuntimeSession", () => {
  it("releases a run's tensors and keeps the bound ones", async () => {
    session.bind({ x: view() });
    const before = [...alive];
    const run = session.run({}, { y: view() });
    expect(alive.size).toBe(before.length + 1);
    endRun?.();
    await run;
    expect([...alive]).toEqual(before);
  });

  it("releases a run's tensors when the run fails", async () => {
    const before = [...alive];
    const run = session.run({ x: view() }, { y: view() });
    endRun?.(new Error("no memory"));
    await expect(run).rejects.toThrow("no memory");
    expect([...alive]).toEqual(before);
  });

  it("releases the tensors before the one that was refused", async () => {
    const before = [...alive];
    await expect(session.run({ x: view() }, { y: { ...view(), dims: [3] } })).rejects.toThrow(RangeError);
    expect([...alive]).toEqual(before);
    expect(calls).not.toContain("run");
  });

  it("releases a binding that is replaced", () => {
    session.bind({ x: view(), y: view() });
    const { size } = alive;
    session.bind({ x: view() });
    expect(alive.size).toBe(size);
  });

  it("makes nothing when one of several bindings is refused", () => {
    const before = [...alive];
    expect(() => session.bind({ x: view(), y: { ...view(), dims: [3] } })).toThrow(RangeError);
    expect([...alive]).toEqual(before);
  });

  it("releases all when it is disposed of, once", () => {
    session.bind({ x: view(), y: view() });
    session.dispose();
    expect(alive.size).toBe(0);
    session.dispose();
  });

  it("releases all after the run under way", async () => {
    session.bind({ x: view() });
    const run = session.run({}, { y: view() });
    session.dispose();
    expect(alive).toContain(SESSION);
    endRun?.();
    await run;
    expect(alive.size).toBe(0);
  });

  it("terminates a run once, and lifts it before the next", async () => {
    const controller = new AbortController();
    const run = session.run({ x: view() }, { y: view() }, { signal: controller.signal });
    controller.abort("stop");
    endRun?.(new Error("terminated"));
    await expect(run).rejects.toBe("stop");
    expect(calls).toEqual(["run", "terminate", "go on"]);
  });

  it("rejects with the reason of an abort that came too late to stop the run", async () => {
    const controller = new AbortController();
    const run = session.run({ x: view() }, { y: view() }, { signal: controller.signal });
    endRun?.();
    controller.abort("stop");
    await expect(run).rejects.toBe("stop");
  });

  it("no longer listens to a signal after its run", async () => {
    const controller = new AbortController();
    const run = session.run({ x: view() }, { y: view() }, { signal: controller.signal });
    endRun?.();
    await run;
    controller.abort();
    expect(calls).not.toContain("terminate");
  });
});
