/** What the command offers for training is what there is. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { trainingOptions } from "./training-options.ts";

const RECORDED = join(import.meta.dirname, "../../../test/fixtures/bert/schedules.json");
/** The schedules of transformers; the library's are held against the same file. */
const SCHEDULES = Object.keys(JSON.parse(readFileSync(RECORDED, "utf8")).schedules);

function parse(name: string, value: string): unknown {
  return trainingOptions()
    .find((option) => option.long === name)
    ?.parseArg?.(value, undefined);
}

describe("--lr-scheduler-type", () => {
  it.each(SCHEDULES)("takes %s", (type) => {
    expect(parse("--lr-scheduler-type", type)).toBe(type);
  });
});

it("--no-adam-bias-correction says false, and nothing says nothing", () => {
  const flags = (...given: string[]) => {
    const command = trainingOptions().reduce((all, option) => all.addOption(option), new Command());
    return command.parse(given, { from: "user" }).opts();
  };
  expect(flags("--no-adam-bias-correction")).toEqual({ adamBiasCorrection: false });
  expect(flags()).toEqual({});
});

it("--freeze takes names with commas between", () => {
  expect(parse("--freeze", "embeddings, encoder.layer.0-3")).toEqual(["embeddings", "encoder.layer.0-3"]);
  expect(parse("--freeze", "pooler,")).toEqual(["pooler", ""]);
});

describe("--class-weights", () => {
  it("takes balanced, or numbers by label", () => {
    expect(parse("--class-weights", "balanced")).toBe("balanced");
    expect(parse("--class-weights", "yes=2,no=0.5")).toEqual({ yes: 2, no: 0.5 });
    expect(parse("--class-weights", '{"a, b": 3}')).toEqual({ "a, b": 3 });
  });

  it.each(["balancd", "2", ""])("refuses %j", (value) => {
    expect(() => parse("--class-weights", value)).toThrow(
      "choose balanced, or give numbers by label such as yes=2,no=1.",
    );
  });
});
