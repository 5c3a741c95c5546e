/** `--suite profile`: where the time of a training step goes, by operator, as the runtime's own profiler tells it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoadedRuntime, ProfiledRun } from "../../internals.ts";
import { InputError } from "../../util/errors.ts";
import { openVinoTimes } from "./openvino-times.ts";
import { type OperatorTime, operatorTimes, type ProfileEvent, type StepProfile } from "./operator-times.ts";
import { benchConfig, createOurModel, createOurStep, SIZES } from "./our-step.ts";
import type { Report } from "./report.ts";
import { largestSizesOf, rowLengths, type StepCase } from "./step-cases.ts";

export interface ProfileOptions {
  runtime: LoadedRuntime;
  cases: readonly StepCase[];
  /** Steps that are profiled, after one that is not. */
  steps: number;
  threads?: number;
}

export async function benchProfile(options: ProfileOptions, report: Report): Promise<void> {
  if (options.runtime.name === "onnxruntime-binding") {
    throw new InputError(
      "--suite profile: the runtime onnxruntime-binding writes no profile.\nTake --runtime onnxruntime or openvino.",
    );
  }
  for (const one of options.cases) {
    const { stepMs, profile } = await profileCase(one, options);
    report.note(
      `${one.name}: ${stepMs.toFixed(1)} ms a step, mean of ${options.steps}; with the profiler's own time`,
    );
    for (const line of profileLines(profile, stepMs)) report.note(`  ${line}`);
  }
}

async function profileCase(one: StepCase, { runtime, steps, threads }: ProfileOptions) {
  const folder = mkdtempSync(join(tmpdir(), "bertwright-bench-"));
  try {
    const largest = largestSizesOf(one);
    const profiled: LoadedRuntime = {
      ...runtime,
      createSession: (model, options) =>
        runtime.createSession(model, { ...options, profilePrefix: join(folder, "profile") }),
    };
    const ours = await createOurModel(benchConfig(SIZES[one.model]), [largest], profiled);
    const step = await createOurStep(ours, { runtime: profiled, largest, threads });
    const batches = Array.from({ length: 1 + steps }, (_, number) => rowLengths(one, number));
    const [, ...ms] = await step.measure(batches);
    step.dispose(); // writes the file
    const file = join(folder, readdirSync(folder)[0]);
    const told: unknown = JSON.parse(readFileSync(file, "utf8"));
    const { model } = step.program;
    return {
      stepMs: ms.reduce((a, b) => a + b, 0) / steps,
      profile:
        runtime.name === "openvino"
          ? openVinoTimes(told as ProfiledRun[], model)
          : operatorTimes(told as ProfileEvent[], model),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Operators below this share of the step are one line. */
const SMALL_SHARE = 0.005;

export function profileLines({ operators, runMs }: StepProfile, stepMs: number): string[] {
  const large = operators.filter(({ ms }) => ms >= SMALL_SHARE * stepMs);
  const sum = (list: readonly OperatorTime[]) => list.reduce((total, { ms }) => total + ms, 0);
  const line = (phase: string, operator: string, ms: number, more: readonly string[] = []) =>
    [
      phase.padEnd(9),
      operator.padEnd(22),
      ms.toFixed(1).padStart(9),
      `${((100 * ms) / stepMs).toFixed(1)} %`.padStart(8),
      ...more.map((text) => text.padStart(8)),
    ].join(" ");
  return [
    `${"phase".padEnd(9)} ${"operator".padEnd(22)} ${"ms".padStart(9)} ${"share".padStart(8)}    calls   GFLOPS`,
    ...large.map(({ phase, operator, ms, calls, operations }) => {
      const speed = operations > 0 ? [(operations / ms / 1e6).toFixed(0)] : [];
      return line(phase, operator, ms, [calls.toFixed(0), ...speed]);
    }),
    line("", "other operators", sum(operators) - sum(large)),
    line("", "between operators", runMs - sum(operators)),
    line("", "outside of the graph", stepMs - runMs),
    ...(["forward", "backward"] as const).map((phase) =>
      line(phase, "all", sum(operators.filter((one) => one.phase === phase))),
    ),
  ];
}
