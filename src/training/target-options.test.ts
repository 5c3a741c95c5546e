/** Weights by name or balanced, in the order of the labels; what cannot be right is refused by its name. */
import { describe, expect, it } from "vitest";
import { Features } from "../tasks/features.ts";
import { UsageError } from "../util/errors.ts";
import { refuseTargetOptions, targetOptions } from "./target-options.ts";

const LABELS = ["no", "yes"];

function rows(labels: readonly number[]): Features {
  const features = new Features(10);
  for (const _ of labels) features.add([1, 2], 2);
  features.setLabels({ width: 1, values: Float32Array.from(labels) });
  return features;
}

const FEATURES = rows([0, 0, 0, 1]);

describe("targetOptions", () => {
  it("balances by the training rows", () => {
    expect(targetOptions({ classWeights: "balanced" }, LABELS, FEATURES).classWeights).toEqual([4 / 6, 2]);
  });

  it("takes numbers by label, 1 for the others", () => {
    expect(targetOptions({ classWeights: { yes: 3 } }, LABELS, FEATURES).classWeights).toEqual([1, 3]);
  });

  it("has nothing where nothing is given", () => {
    expect(targetOptions({}, LABELS, FEATURES)).toEqual({ labelSmoothing: undefined });
    expect(targetOptions({ labelSmoothingFactor: 0.1 }, LABELS, FEATURES)).toEqual({ labelSmoothing: 0.1 });
  });

  it.each([
    [{ yess: 2 }, 'classWeights: no label "yess"; did you mean yes?'],
    [{ maybe: 2 }, 'classWeights: no label "maybe"; the labels are no, yes.'],
    [{ yes: 0 }, "classWeights: yes has 0, expected a number above 0."],
    [{ yes: Number.NaN }, "classWeights: yes has null, expected a number above 0."],
  ])("refuses %j", (classWeights, message) => {
    expect(() => targetOptions({ classWeights }, LABELS, FEATURES)).toThrow(new UsageError(message));
  });
});

it("other kinds of labels have neither", () => {
  expect(() => refuseTargetOptions({}, "regression")).not.toThrow();
  expect(() => refuseTargetOptions({ labelSmoothingFactor: 0.1 }, "regression")).toThrow(
    new UsageError("labelSmoothingFactor has no meaning for regression; it is for one label a row."),
  );
  expect(() => refuseTargetOptions({ classWeights: "balanced" }, "multi_label_classification")).toThrow(
    UsageError,
  );
});
