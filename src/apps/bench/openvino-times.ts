/** Reads the profile that an OpenVINO session writes of a training step: the time of each kind of operator, by phase. */
import type { ProfiledRun } from "../../internals.ts";
import { forwardNodes, type OperatorTime, onnxNodes, type StepProfile } from "./operator-times.ts";

/**
 * `model` is what was run; the first run, which is not like the others, is left out. OpenVINO joins nodes and calls the
 * result by the last of them; what it adds of its own, such as a change of layout, belongs to no phase.
 */
export function openVinoTimes([, ...runs]: readonly ProfiledRun[], model: Uint8Array): StepProfile {
  const nodes = onnxNodes(model);
  const forward = forwardNodes(nodes);
  const phases = new Map(
    nodes.flatMap(({ output }, i) =>
      output.map((name) => [name, forward.has(i) ? "forward" : "backward"] as const),
    ),
  );
  const totals = new Map<string, OperatorTime>();
  for (const { name, type, us } of runs.flatMap(({ operators }) => operators)) {
    const phase = phases.get(name) ?? "";
    const key = `${phase} ${type}`;
    const { ms, calls } = totals.get(key) ?? { ms: 0, calls: 0 };
    totals.set(key, {
      ...{ phase, operator: type, operations: 0 },
      ms: ms + us / 1000 / runs.length,
      calls: calls + 1 / runs.length,
    });
  }
  return {
    operators: [...totals.values()].sort((a, b) => b.ms - a.ms),
    runMs: runs.reduce((sum, { ms }) => sum + ms, 0) / runs.length,
  };
}
