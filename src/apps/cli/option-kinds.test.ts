/** Numbers on the command line: what is one, what is in range, and how the range reads. */
import { describe, expect, it } from "vitest";
import { fakeHost } from "../../../test/cli/fake-host.ts";
import { describeRange, flagOption, kwargsOption, parseNumber } from "./option-kinds.ts";
import { runCommand } from "./run-command.ts";

describe("parseNumber", () => {
  it.each([
    ["5", 5],
    ["+5", 5],
    ["-0.5", -0.5],
    [".5", 0.5],
    ["5.", 5],
    ["1e-4", 1e-4],
    ["2E3", 2000],
  ])("reads %s", (text, value) => expect(parseNumber(text, {})).toBe(value));

  it.each(["", " ", "x", "1e-4x", "1,5", "0x10", "NaN", "Infinity", "1e", "1 2", " 1", "1e999", "--", "5%"])(
    "refuses %j",
    (text) =>
      expect(() => parseNumber(text, { from: 0, to: 10 })).toThrow(/it takes a number from 0 to 10\./i),
  );

  it("keeps its bounds", () => {
    expect(parseNumber("0", { from: 0, below: 1 })).toBe(0);
    expect(() => parseNumber("1", { from: 0, below: 1 })).toThrow("it takes a number from 0, below 1.");
    expect(() => parseNumber("0", { above: 0, to: 1 })).toThrow("it takes a number above 0, at most 1.");
    expect(parseNumber("1", { above: 0, to: 1 })).toBe(1);
    expect(() => parseNumber("1.5", { whole: true, from: 1, to: 9 })).toThrow(
      "it takes a whole number from 1 to 9.",
    );
  });
});

describe("names with numbers", () => {
  const parse = (value: string) => {
    const option = kwargsOption("--kwargs <json>", "");
    return option.parseArg?.(value, undefined);
  };

  it.each<[string, object]>([
    ['{"num_cycles": 2, "power": 0.5}', { num_cycles: 2, power: 0.5 }],
    ["num_cycles=2", { num_cycles: 2 }],
    [" power = 2 , lr_end=1e-6", { power: 2, lr_end: 1e-6 }],
    ["B-PER=2, not sure=0.5", { "B-PER": 2, "not sure": 0.5 }],
    ["{}", {}],
  ])("are read from %s", (text, kwargs) => expect(parse(text)).toEqual(kwargs));

  it.each([
    ["{num_cycles: 2}", "no JSON object"],
    ['{"num_cycles": "2"}', 'num_cycles is "2", which is no number'],
    ['{"num_cycles": [2]}', "num_cycles is [2], which is no number"],
    ["num_cycles", '"num_cycles" is not name=number'],
    ["num_cycles=two", "num_cycles is two, which is no number"],
    ["", '"" is not name=number'],
  ])("are refused in %j", (text, message) => expect(() => parse(text)).toThrow(message));
});

it("reads true and false, and nothing else for them", () => {
  const option = flagOption("--greater-is-better <true|false>", "");
  expect(["true", "false"].map((value) => option.parseArg?.(value, undefined))).toEqual([true, false]);
  expect(() => option.parseArg?.("yes", undefined)).toThrow("--greater-is-better yes: choose true or false.");
});

it("describes ranges", () => {
  expect(describeRange({ whole: true, from: 1, to: 65_536 })).toBe("a whole number from 1 to 65,536");
});

describe("train refuses with status 2", () => {
  it.each([
    ["--epochs", "-1", "a number above 0, at most 10,000"],
    ["--epochs", "0", "a number above 0, at most 10,000"],
    ["--epochs", "NaN", "a number above 0, at most 10,000"],
    ["--batch-size", "0", "a whole number from 1 to 65,536"],
    ["--batch-size", "1.5", "a whole number from 1 to 65,536"],
    ["--learning-rate", "0", "a number above 0, at most 1"],
    ["--learning-rate", "-1e-5", "a number above 0, at most 1"],
    ["--learning-rate", "1.5", "a number above 0, at most 1"],
    ["--learning-rate", "1e-4x", "a number above 0, at most 1"],
    ["--dropout", "1", "a number from 0, below 1"],
    ["--dropout", "-0.1", "a number from 0, below 1"],
    ["--threads", "0", "a whole number from 1 to 1,024"],
    ["--seed", "1.5", "a whole number from 0 to 4,294,967,295"],
    ["--seed", "-1", "a whole number from 0 to 4,294,967,295"],
    ["--max-seq-length", "2", "a whole number from 3 to 65,536"],
    ["--max-steps", "0", "a whole number from 1 to 1,000,000,000"],
    ["--gradient-accumulation-steps", "0", "a whole number from 1 to 65,536"],
    ["--warmup-steps", "-1", "a number from 0 to 1,000,000,000"],
    ["--weight-decay", "2", "a number from 0 to 1"],
    ["--max-grad-norm", "-1", "a number from 0 to 1,000,000"],
    ["--head-layers", "17", "a whole number from 0 to 16"],
    ["--threshold", "1", "a number above 0, below 1"],
  ])("%s %s", async (option, value, range) => {
    const host = fakeHost();
    expect(await runCommand(["train", "--train", "t", "--output", "m", option, value], host)).toBe(2);
    expect(host.stderr.text).toContain(`Error: ${option} ${value}: `);
    expect(host.stderr.text).toContain(`t takes ${range}.`);
    expect(host.calls.loaded).toBe(0);
  });
});
