/** What a person reads of a step that is not finite, and when a run goes on all the same. */
import { describe, expect, it } from "vitest";
import { NonFiniteError } from "../util/errors.ts";
import type { TrainingEvent } from "./events.ts";
import type { NonFinite } from "./non-finite.ts";
import { type GuardOptions, NonFiniteGuard } from "./non-finite-guard.ts";
import type { StepResult } from "./training-step.ts";

const FOUND: NonFinite = { rows: [31, 4], rowFault: "unknown", gradients: ["classifier.bias"], state: [] };
const GOOD: StepResult = { loss: 0.5, gradientNorm: 2, tokens: 8 };
const bad = (found: Partial<NonFinite> = {}, result: Partial<StepResult> = {}): StepResult => ({
  ...GOOD,
  ...result,
  nonFinite: { ...FOUND, ...found },
});

const PLACE = { step: 40, learningRate: 1.0333e-4, skipped: 2 };

function guarded(options: Partial<GuardOptions> = {}, inARow = 0) {
  const events: TrainingEvent[] = [];
  const emit = (event: TrainingEvent) => events.push(event);
  return { guard: new NonFiniteGuard({ totalSteps: 300, rowUnit: "row", emit, ...options }, inARow), events };
}

function message(result: StepResult, options: Partial<GuardOptions> = {}): string[] {
  try {
    guarded(options).guard.leavesOut(PLACE, result);
  } catch (error) {
    expect(error).toBeInstanceOf(NonFiniteError);
    return (error as Error).message.split("\n");
  }
  throw new Error("did not stop");
}

describe("a run that stops", () => {
  const ADVICE = "Try a tenth of it; --on-non-finite skip leaves such steps out and goes on.";

  it("says what, where and what to do", () => {
    expect(message(bad())).toEqual([
      "step 41: the gradient of classifier.bias is not finite (the loss is 0.5).",
      "All logits are finite; the step had training rows 5 and 32. The learning rate was 0.0001.",
      ADVICE,
    ]);
  });

  it.each<[string, StepResult]>([
    ["the loss is NaN.", bad({ gradients: [] }, { loss: Number.NaN })],
    [
      "the loss is Infinity, and the gradient of a, b and 99 more is not finite.",
      bad(
        { gradients: ["a", "b", ...Array.from({ length: 99 }, () => "c")] },
        { loss: Number.POSITIVE_INFINITY },
      ),
    ],
    [
      "the gradient's norm 3.0e+25 is too large for float32 (the loss is 0.5).",
      bad({ gradients: [] }, { gradientNorm: 3e25 }),
    ],
  ])("says %s", (what, result) => {
    expect(message(result)[0]).toBe(`step 41: ${what}`);
  });

  it("names rows with logits that are not finite, a few of many, and windows where rows are such", () => {
    const found = { rows: [9, 8, 7, 6, 5, 4, 3], rowFault: "logits" as const };
    expect(message(bad(found))[1]).toMatch(
      /^The logits are not finite of training rows 4, 5, 6, 7, 8 and 2 more\./,
    );
    expect(message(bad({ rows: [9], rowFault: "labels" })).slice(1)).toEqual([
      "The label is not finite in training row 10. The learning rate was 0.0001.",
      "Correct that label; --on-non-finite skip leaves such steps out and goes on.",
    ]);
    expect(message(bad({ ...found, rows: [9] }), { rowUnit: "window" })[1]).toMatch(
      /of training window 10\./,
    );
  });

  it("names weights first, which no skipping mends", () => {
    const lines = message(bad({ state: ["w", "the moments of w"] }, { loss: Number.NaN }), {
      onNonFinite: "skip",
    });
    expect(lines[0]).toBe("step 41: w and the moments of w are not finite.");
    expect(lines[2]).toBe("Such weights mend in no step: begin from another model.");
  });
});

describe("a run that goes on", () => {
  it("leaves the step out with a warning that counts", () => {
    const { guard, events } = guarded({ onNonFinite: "skip" });
    expect(guard.leavesOut(PLACE, GOOD)).toBe(false);
    expect(events).toEqual([]);
    expect(guard.leavesOut(PLACE, bad())).toBe(true);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({ type: "warning" });
    expect((events[0] as { message: string }).message).toMatch(
      /^step 41: the gradient of .*\n.*\nThe step is left out \(3 so far\)\.$/,
    );
  });

  it("stops at the tenth in a row, and counts anew after a good one", () => {
    const { guard } = guarded({ onNonFinite: "skip" });
    const leaveOut = (times: number) => {
      for (let i = 0; i < times; i++) expect(guard.leavesOut(PLACE, bad())).toBe(true);
    };
    leaveOut(9);
    guard.leavesOut(PLACE, GOOD);
    leaveOut(9);
    expect(() => guard.leavesOut(PLACE, bad())).toThrow(
      /\n10 steps in a row were so\. Try a tenth of the rate\.$/,
    );
  });

  it("counts on where a run goes on", () => {
    const { guard } = guarded({ onNonFinite: "skip" }, 8);
    guard.leavesOut(PLACE, bad());
    expect(guard.inARow).toBe(9);
    expect(() => guard.leavesOut(PLACE, bad())).toThrow("10 steps in a row");
  });

  it("stops where all steps of a short run are so", () => {
    const { guard } = guarded({ onNonFinite: "skip", totalSteps: 2 });
    guard.leavesOut(PLACE, bad());
    expect(() => guard.leavesOut(PLACE, bad())).toThrow("2 steps in a row");
  });
});
