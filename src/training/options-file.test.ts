/** Files of options: what wins, where each option then comes from, and what is no option. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../../test/helpers/refusal.ts";
import { withOptionsFile } from "./options-file.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bertwright-options-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(content: unknown): string {
  const path = join(folder, "options.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

describe("a plain file", () => {
  it("gives its options, those of the caller win", async () => {
    const path = write({ train: "a.tsv", seed: 7, weightDecay: 0, header: false });
    const options = await withOptionsFile(path, { seed: 8, output: "out", weightDecay: undefined });
    expect(options).toEqual({
      ...{ train: "a.tsv", seed: 8, weightDecay: 0, header: false, output: "out" },
      origins: { train: "file", weightDecay: "file", header: "file" },
    });
  });

  it("takes objects of numbers where an option is one", async () => {
    const given = { lrSchedulerKwargs: { num_cycles: 2 }, classWeights: { yes: 2 }, textColumn: 3 };
    expect(await withOptionsFile(write(given), {})).toMatchObject(given);
    expect(await withOptionsFile(write({ classWeights: "balanced" }), {})).toMatchObject({
      classWeights: "balanced",
    });
  });

  it.each([
    [{ numTrainEpochs: 5 }, { maxSteps: 10 }],
    [{ docStride: 5 }, { docStep: 10 }],
    [{ validationSplit: 0.1 }, { validation: "dev.tsv" }],
  ])("loses %j to its rival %j, either way", async (one, other) => {
    const names = (options: object) => Object.keys(options);
    expect(names(await withOptionsFile(write(other), one))).toEqual([...names(one), "origins"]);
    expect(names(await withOptionsFile(write(one), other))).toEqual([...names(other), "origins"]);
  });
});

it("of a run gives what somebody chose, and leaves defaults to the version that runs them", async () => {
  const options = {
    seed: { value: 7, origin: "given" },
    dropout: { value: 0, origin: "recipe" },
    weightDecay: { value: 0.5, origin: "file" },
    adamBeta1: { value: 0.8, origin: "default" },
  };
  expect(await withOptionsFile(write({ options }), {})).toEqual({
    ...{ seed: 7, dropout: 0, weightDecay: 0.5 },
    origins: { seed: "file", dropout: "file", weightDecay: "file" },
  });
});

describe("refuses", () => {
  it.each<[string, unknown, string]>([
    ["a name in snake case", { learning_rate: 1 }, 'no option "learning_rate".\nDid you mean learningRate?'],
    ["a flag", { "--weight-decay": 1 }, "Did you mean weightDecay?"],
    ["a flag's short name", { epochs: 1 }, "Did you mean numTrainEpochs?"],
    ["a slip", { sead: 1 }, "Did you mean seed?"],
    ["what is like nothing", { velocity: 1 }, "Names are those of train's options"],
    ["a name that every object has", { toString: 1 }, 'no option "toString"'],
    ["a number as text", { seed: "7" }, 'seed is "7", expected a number'],
    ["a flag as text", { header: "false" }, 'header is "false", expected true or false'],
    ["null", { seed: null }, "seed is null, expected a number"],
    ["words for numbers", { classWeights: { yes: "2" } }, "expected balanced or an object of numbers"],
    ["what only a program can give", { onEvent: "log" }, "only a program can give it"],
    ["rows", { train: [{ text: "a" }] }, "expected a text"],
    ["bare values under options", { options: { seed: 7 } }, "options.seed has no value and origin"],
    ["a list", "[1]", "a JSON object { … } is needed"],
    ["no JSON", '{"seed": 7,}', "options.json:1:12: not JSON"],
  ])("%s", async (_name, content, expected) => {
    const path = write(content);
    const message = await refusal(withOptionsFile(path, {}));
    expect(message).toContain(path);
    expect(message).toContain(expected);
  });

  it("a file that is not there, and names one that is like it", async () => {
    write({});
    const message = await refusal(withOptionsFile(join(folder, "option.json"), {}));
    expect(message).toContain("Did you mean");
  });
});
