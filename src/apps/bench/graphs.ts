/** `--suite graphs`: how long the graph of a training step takes to build: model, gradients, ONNX bytes. */
import type { LoadedRuntime } from "../../internals.ts";
import { benchConfig, SIZES, stepProgram } from "./our-step.ts";
import type { Report } from "./report.ts";
import { compare } from "./statistics.ts";

const LARGEST = { B: 32, S: 128, T: 32 * 128, G: 32 };

export function benchGraphs(
  { turns, runtime }: { turns: number; runtime: LoadedRuntime },
  report: Report,
): void {
  for (const [name, size] of Object.entries(SIZES)) {
    const config = benchConfig(size);
    const ms: number[] = [];
    let bytes = 0;
    for (let turn = 0; turn < turns; turn++) {
      const start = performance.now();
      bytes = stepProgram(config, LARGEST, runtime).model.length;
      ms.push(performance.now() - start);
    }
    const kilobytes = Math.round(bytes / 1000).toLocaleString("en-US");
    report.add(
      compare(`graph-${name}`, "ms", ms, undefined),
      `the first of ${turns} turns ${ms[0].toFixed(0)} ms; ${kilobytes} kB of ONNX`,
    );
  }
}
