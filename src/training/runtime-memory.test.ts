/** What sessions take together: the largest of them where a runtime shares its memory, their sum where it does not. */
import { expect, it } from "vitest";
import { type PlannedRuntime, runtimeBytes } from "./runtime-memory.ts";

const ONNX_RUNTIME: PlannedRuntime = { name: "onnxruntime", precision: "float32", compilesShapes: false };
const openVino = (precision: PlannedRuntime["precision"]): PlannedRuntime => ({
  name: "openvino",
  precision,
  compilesShapes: true,
});

it("ONNX Runtime's sessions share: one that needs less than another adds nothing", () => {
  expect(runtimeBytes(ONNX_RUNTIME, [500e6, 100e6])).toBe(runtimeBytes(ONNX_RUNTIME, [500e6]));
  expect(runtimeBytes(ONNX_RUNTIME, [500e6])).toBeGreaterThanOrEqual(500e6);
  expect(runtimeBytes({ ...ONNX_RUNTIME, name: "onnxruntime-binding" }, [500e6])).toBe(
    runtimeBytes(ONNX_RUNTIME, [500e6]),
  );
});

it("each of OpenVINO's keeps its own, more than its values need; the library counts once", () => {
  for (const precision of ["float32", "bf16"] as const) {
    const bytes = (...sessions: number[]) => runtimeBytes(openVino(precision), sessions);
    expect(bytes(500e6, 100e6)).toBeCloseTo(bytes(500e6) + bytes(100e6) - bytes(0), 0);
    expect(bytes(500e6)).toBeGreaterThan(runtimeBytes(ONNX_RUNTIME, [500e6]));
  }
  expect(runtimeBytes(openVino("bf16"), [500e6])).toBeLessThan(runtimeBytes(openVino("float32"), [500e6]));
});
