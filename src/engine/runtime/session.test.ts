import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { collectGarbage } from "./memory.contract.ts";
import { SUBTRACT } from "./models.contract.ts";
import { loadOnnxRuntime } from "./onnxruntime.ts";
import { loadRuntime } from "./runtimes.ts";
import { sessionContract } from "./session.contract.ts";

it("the library stays loaded when the garbage collector runs", async () => {
  const runtime = await loadOnnxRuntime();
  for (let i = 0; i < 5; i++) {
    collectGarbage();
    await nextTurn();
  }
  const session = await runtime.createSession(SUBTRACT);
  expect(session.inputNames).toEqual(["p", "g"]);
  session.dispose();
});

describe("onnxruntime", () =>
  sessionContract(() => loadRuntime("onnxruntime"), {
    offThread: true,
    bfloat16: true,
    fitsBeforeWriting: true,
  }));

describe("onnxruntime-binding", () =>
  sessionContract(() => loadRuntime("onnxruntime-binding"), {
    offThread: false,
    bfloat16: false,
    fitsBeforeWriting: true,
  }));
