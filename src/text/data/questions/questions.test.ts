import { describe, expect, it } from "vitest";
import {
  CONTEXT,
  PREDICT,
  qa,
  read,
  readSquad,
  readText,
  squad,
  TRAIN,
} from "../../../../test/helpers/questions.ts";
import { refusal } from "../../../../test/helpers/refusal.ts";
import { UsageError } from "../../../util/errors.ts";
import { type ByteSource, sourceFromBytes } from "../source.ts";
import { questionsOf } from "./questions.ts";

/** As a pipe: the bytes come once. */
function pipe(text: string): ByteSource {
  const source = sourceFromBytes("standard input", new TextEncoder().encode(text), 7);
  let opened = false;
  return {
    name: source.name,
    open() {
      if (opened) throw new Error("opened twice");
      opened = true;
      return source.open();
    },
  };
}

describe("SQuAD JSON", () => {
  it("gives each question its passage and the answers of the file", async () => {
    const second = qa({
      id: "q2",
      answers: [
        { text: "Elm", answer_start: 6 },
        { text: "Elm", answer_start: 6 },
      ],
    });
    const file = await readSquad([qa(), second]);
    expect(file).toMatchObject({
      layout: "dev.json: SQuAD JSON, version 1.1",
      format: "squad",
      version: "1.1",
      problems: [],
    });
    expect(file.rows).toEqual([
      {
        id: "q1",
        question: "How high is Mount Elm?",
        context: CONTEXT,
        answers: [{ text: "912 metres", start: 16 }],
        isImpossible: false,
        line: 1,
      },
      expect.objectContaining({ id: "q2", line: 2, answers: Array(2).fill({ text: "Elm", start: 6 }) }),
    ]);
  });

  it("reads version 2.0: no answer is said, plausible answers are not read", async () => {
    const none = { is_impossible: true, answers: [], plausible_answers: [{ text: "912", answer_start: 16 }] };
    const { rows } = await readSquad([qa({ is_impossible: false }), qa({ id: "q2", ...none })]);
    expect(rows.map(({ answers, isImpossible }) => [answers.length, isImpossible])).toEqual([
      [1, false],
      [0, true],
    ]);
  });

  it("reads indented JSON, a byte order mark, and a pipe", async () => {
    const text = JSON.stringify(squad([qa()]), null, 2);
    expect((await readText(`\ufeff\n${text}\n`)).rows).toHaveLength(1);
    expect((await read(await questionsOf(pipe(text), TRAIN))).rows).toHaveLength(1);
  });

  it("tells SQuAD JSON by a head that does not hold the whole line", async () => {
    const long = CONTEXT + " word".repeat(150_000);
    expect((await readSquad([qa()], TRAIN, long)).rows[0].context).toBe(long);
  });

  it("takes an id twice in rows to predict, where no ids are kept", async () => {
    expect((await readSquad([qa(), qa()], PREDICT)).rows).toHaveLength(2);
  });

  it.each([
    [
      "no id",
      [qa({ id: undefined })],
      "data[0].paragraphs[0].qas[0] (How high is Mount Elm?) has no id; it is missing",
    ],
    ["an empty id", [qa({ id: "" })], "has no id; it is empty"],
    ["two with one id", [qa(), qa()], 'question q1: two questions have the id "q1", numbers 1 and 2'],
    ["an empty question", [qa({ question: " " })], "question q1: the question is empty"],
    [
      "no question",
      [qa({ question: undefined })],
      'qas[0].question is missing, not a text; there is "id", "answers"',
    ],
    ["a question of another type", [qa({ question: 7 })], "qas[0].question is the number 7, not a text"],
    ["no answers", [qa({ answers: undefined })], "question q1: there are no answers"],
    [
      "an empty list of answers",
      [qa({ answers: [] })],
      "there are no answers, and is_impossible is not there",
    ],
    [
      "no answers but possible",
      [qa({ answers: [], is_impossible: false })],
      "is_impossible is false, but there are no",
    ],
    ["answers but impossible", [qa({ is_impossible: true })], "is_impossible is true, but there are answers"],
    [
      "another is_impossible",
      [qa({ is_impossible: "no" })],
      'is_impossible is the text "no"; true or false is needed',
    ],
    [
      "a question that is a text",
      ["How high?" as unknown as object],
      'qas[0] is the text "How high?", not an object',
    ],
    ["no questions", [], "dev.json has no questions"],
  ])("refuses %s", async (_, qas, message) => {
    expect(await refusal(readSquad(qas))).toContain(message);
  });

  it("refuses an empty passage", async () => {
    expect(await refusal(readSquad([qa()], TRAIN, "\n"))).toContain("question q1: the passage is empty");
    expect(await refusal(readSquad([qa()], TRAIN, null))).toContain(
      "paragraphs[0].context is null, not a text",
    );
  });

  it("says what a file that is not SQuAD has", async () => {
    expect(await refusal(readText('{\n"version": 1, "items": []\n}'))).toMatch(
      /^dev\.json: data is missing, not a list; there is "version", "items"\.\nSQuAD JSON has data/,
    );
    expect(await refusal(readText('{"data": [{"question": "?"}]}'))).toContain(
      'data[0].paragraphs is missing, not a list; there is "question"',
    );
  });

  it("says where JSON that is cut in the middle ends", async () => {
    const text = JSON.stringify(squad([qa()]));
    const cut = text.indexOf("912 metres. Elm");
    expect(await refusal(readText(text.slice(0, cut)))).toBe(
      `dev.json:1: the JSON ends in the middle, at character ${cut + 1} of the line, where a closing quote is due.\nThe file is cut off: get it again.`,
    );
    const lines = JSON.stringify(squad([qa()]), null, 1)
      .split("\n")
      .slice(0, 9)
      .join("\n");
    expect(await refusal(readText(lines))).toMatch(/^dev\.json:9: the JSON ends in the middle/);
  });

  it("says where JSON has a fault", async () => {
    const text = JSON.stringify(squad([qa()]), null, 1).replace('"id": "q1",', '"id": "q1"');
    expect(await refusal(readText(text))).toContain(
      'dev.json:12: not JSON at character 8 of the line: "\\"" where "," or a closing bracket is due',
    );
  });

  it("has no columns to choose", async () => {
    await expect(readSquad([qa()], { ...TRAIN, questionColumn: "q" })).rejects.toThrow(UsageError);
  });
});

describe("what holds no questions", () => {
  it.each([
    ["", "dev.json is empty"],
    [" \n ", "dev.json is empty"],
    ["question,context\nWhy?,So.\n", 'it begins with "question,context'],
    ['[{"question": "?"}]', "dev.json is one JSON array"],
  ])("is refused: %j", async (text, message) => {
    expect(await refusal(readText(text))).toContain(message);
  });

  it("is refused where the encoding is another or unknown", async () => {
    const latin = sourceFromBytes("dev.json", Uint8Array.from([0x7b, 0x22, 0xe9, 0x22]));
    expect(await refusal(questionsOf(latin, TRAIN))).toContain("byte 0xE9 is not UTF-8");
    await expect(readSquad([qa()], { ...TRAIN, encoding: "latin-9000" })).rejects.toThrow(UsageError);
  });
});
