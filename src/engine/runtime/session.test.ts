import { describe } from "vitest";
import { loadRuntime } from "./runtimes.ts";
import { sessionContract } from "./session.contract.ts";

describe("onnxruntime", () => sessionContract(() => loadRuntime("onnxruntime"), { offThread: true }));

describe("onnxruntime-binding", () =>
  sessionContract(() => loadRuntime("onnxruntime-binding"), { offThread: false }));
