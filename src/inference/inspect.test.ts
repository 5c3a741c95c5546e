/** Files of each task through the whole of `inspectData`, with a tiny model's tokenizer. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyModel } from "../../test/cli/tiny-model.ts";
import { CONTEXT, qa, squad } from "../../test/helpers/questions.ts";
import { formatReport } from "../text/data/report.ts";
import { inspectData } from "./inspect.ts";
import type { InspectOptions } from "./options.ts";

let folder: string;
let model: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bertwright-inspect-"));
  model = writeTinyModel(join(folder, "model"));
});

afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe("tagging", () => {
  const task = "token-classification";

  it("counts the model's tokens, in words and in plain texts alike", async () => {
    const words = await inspectData({
      task,
      model,
      data: write("t.conll", "good\tB-X\nzz\tO\n\u0007\tO\n\nbad\tB-X\n"),
      maxSeqLength: 4,
    });
    expect(words.train).toMatchObject({
      layout: "CoNLL columns, tab-separated; words column 1, tags column 2",
      // [CLS] good z ##z [SEP], [CLS] bad [SEP]
      lengths: { max: 5, median: 3, exceeding: { limit: 4, rows: 1 } },
      withoutPieces: { words: 1, sentences: { rows: 1, examples: [{ line: 1 }] } },
    });
    const row = { text: "good zz", entities: [{ start: 0, end: 4, label: "X" }] };
    const text = await inspectData({ task, model, data: [row] });
    expect(text.train).toMatchObject({ words: 2, lengths: { max: 5 }, entities: [{ label: "X", count: 1 }] });
    expect(text.train).not.toHaveProperty("layout");
    expect(text.baseline).toMatchObject({ prediction: "B-X", value: 0.5 });
  });

  it("reports spans that cut words", async () => {
    const data = [{ text: "good film", entities: [{ start: 0, end: 6, label: "X" }] }];
    const { train } = await inspectData({ task, model, data });
    expect(train.spanFaults).toEqual({
      count: 1,
      examples: [{ line: 1, reason: 'the "X" span "good f" cuts the word "film"' }],
    });
  });

  it("reads tags from files of their own", async () => {
    const [data, dataTags] = [write("seq.in", "good film\n"), write("seq.out", "B-X O\n")];
    const [validation, validationTags] = [write("dev.in", "a meal\n"), write("dev.out", "O B-Y\n")];
    const report = await inspectData({ task, model, data, dataTags, validation, validationTags });
    expect(report.train.layout).toBe(`a sentence a line, tags in ${dataTags}`);
    expect(report.validation?.unknownTags).toEqual([{ label: "B-Y", count: 1, line: 1 }]);
  });

  it("says of broken schemes what training does", async () => {
    const refused = async (text: string, allowTagErrors?: boolean) => {
      const options = { task, model, data: write("broken.conll", text), allowTagErrors } as const;
      return (await inspectData(options)).train.violations;
    };
    const iob2 = "a\tB-X\nb\tB-X\n\nc\tI-X\n";
    expect(await refused(iob2)).toMatchObject({ count: 1, refused: true });
    expect(await refused(iob2, true)).toMatchObject({ count: 1, refused: false });
    expect(await refused("a\tI-X\n\nb\tI-X\n\nc\tB-X\n")).toMatchObject({ count: 1, refused: false });
  });
});

describe("questions", () => {
  const task = "question-answering";

  it("counts tokens and windows as training has them", async () => {
    const context = "the film is good and the meal is bad";
    const answers = [{ text: "good and", answer_start: 12 }];
    const data = [{ question: "what a day", context, answers }];
    const options = { task, model, data, docStride: 0, maxQuestionLength: 5 } as const;
    // w h a t a day: "what" is four pieces, six in all, cut to five; room for 12 - 8 of nine.
    const { train } = await inspectData({ ...options, maxSeqLength: 12, maxAnswerLength: 1 });
    expect(train).toMatchObject({
      questionTokens: { max: 6 },
      lengths: { max: 5 + 9 + 3, exceeding: { limit: 12, rows: 1 } },
      windows: { count: 3, split: 1 },
      answerTokens: { max: 2, exceeding: { limit: 1, rows: 1 } },
    });
    expect((await inspectData(options)).train.lengths?.exceeding).toEqual({ limit: 384, rows: 0 });
  });

  it("goes on past answers that are not where the file says", async () => {
    const wrong = qa({ answers: [{ text: "912 metres", answer_start: 3 }] });
    const data = write("wrong.json", JSON.stringify(squad([wrong, qa({ id: "q2" })])));
    const report = await inspectData({
      task,
      model,
      data,
      validation: [{ question: "a?", context: CONTEXT }],
    });
    expect(report.train).toMatchObject({ rows: 2, answered: 2, misplaced: { count: 1 } });
    expect(report.train.layout).toBe("SQuAD JSON, version 1.1");
    expect(report.validation).toMatchObject({
      layout: 'question "question", passage "context", no answers',
      withoutAnswers: { rows: 1 },
      passagesInTrain: { rows: 1 },
    });
    expect(formatReport(report)).toContain(`${data}, question q1: "912 metres" is at 16, the file says 3`);
  });

  it("stops at a file that is none of questions", async () => {
    const data = write("cut.json", JSON.stringify(squad([qa()])).slice(0, -9));
    await expect(inspectData({ task, model, data })).rejects.toThrow(/cut\.json/);
  });
});

describe("texts", () => {
  it("says how each file was read", async () => {
    const data = write("t.csv", "text,label\ngood,x\nbad,y\n");
    const { train } = await inspectData({ task: "text-classification", model, data });
    expect(train.layout).toMatch(/^comma-separated, header, .*; text "text", label "label"$/);
    expect(train.lengths?.exceeding?.limit).toBe(128);
  });
});

describe("whatever the task", () => {
  it("reports without tokens where no model is on this machine", async () => {
    const data = [{ tokens: ["a"], tags: ["X"] }];
    const report = await inspectData({ task: "token-classification", model: "nobody/has-this", data });
    expect(report.train).not.toHaveProperty("lengths");
    expect(report.train.words).toBe(1);
  });

  it.each<[Record<string, unknown>, string]>([
    [{ task: "tagging" }, "task is tagging, expected one of text-classification, token-classification"],
    [{ task: "question-answering", tagColumn: 2 }, "tagColumn has no meaning for"],
    [{ task: "question-answering", docStride: -1 }, "--doc-stride -1"],
    [{ task: "token-classification", maxSeqLength: 2 }, "maxSeqLength is 2"],
    [{ task: "question-answering", maxAnswerLength: 0.5 }, "maxAnswerLength is 0.5"],
  ])("refuses %j", async (options, message) => {
    const given = { model, data: [], ...options } as unknown as InspectOptions;
    await expect(inspectData(given)).rejects.toThrow(message);
  });

  it("stops when it is asked to", async () => {
    const signal = AbortSignal.abort(new Error("stopped"));
    for (const [task, row] of [
      ["text-classification", { text: "a", label: "x" }],
      ["token-classification", { tokens: ["a"], tags: ["X"] }],
      ["question-answering", { question: "a?", context: "b" }],
    ] as const) {
      await expect(inspectData({ task, model, data: [row], signal })).rejects.toThrow("stopped");
    }
  });
});
