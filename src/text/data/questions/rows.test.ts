import { describe, expect, it } from "vitest";
import {
  CONTEXT,
  PREDICT,
  qa,
  readLines,
  readRows,
  readText,
  TRAIN,
} from "../../../../test/helpers/questions.ts";
import { refusal } from "../../../../test/helpers/refusal.ts";
import { questionsFromRows } from "./questions.ts";

describe("JSONL", () => {
  const row = { question: "How high is Mount Elm?", context: CONTEXT };
  const expected = [{ text: "912 metres", start: 16 }];

  it.each([
    ["lists of texts and offsets", { answers: { text: ["912 metres"], answer_start: [16] } }],
    ["a list of answers", { answers: [{ text: "912 metres", answer_start: 16 }] }],
    ["one answer", { answers: { text: "912 metres", answer_start: 16 } }],
    ["an answer and its offset", { answer: "912 metres", answer_start: 16 }],
  ])("reads %s", async (_, answers) => {
    const { rows } = await readLines([{ ...row, ...answers }]);
    expect(rows[0].answers).toEqual(expected);
  });

  it("numbers rows without an id, by lines", async () => {
    const lines = [
      JSON.stringify({ ...row, ...qa({ id: undefined }) }),
      "",
      JSON.stringify({ ...row, ...qa() }),
    ];
    const file = await readText(lines.join("\r\n"), TRAIN, "rows.jsonl");
    expect(file.rows.map(({ id, line }) => [id, line])).toEqual([
      ["1", 1],
      ["q1", 3],
    ]);
    expect(file.layout).toBe('rows.jsonl: JSONL; question "question", passage "context", answers "answers"');
  });

  it("takes an empty list for no answer", async () => {
    const none = { ...row, answers: { text: [], answer_start: [] } };
    const { rows } = await readLines([none, { ...row, answers: [{ text: "912", answer_start: 16 }] }]);
    expect(rows.map(({ isImpossible }) => isImpossible)).toEqual([true, false]);
  });

  it("tells columns by their names, and by the options", async () => {
    const answers = [{ text: "912 metres", answer_start: 16 }];
    const named = await readLines([{ Query: "How high?", passage: CONTEXT, answers }]);
    expect(named.rows[0]).toMatchObject({ question: "How high?", context: CONTEXT });
    const options = { ...TRAIN, questionColumn: "q", contextColumn: "c", answersColumn: "a" };
    const chosen = await readLines([{ q: "How high?", c: CONTEXT, a: answers, question: "?" }], options);
    expect(chosen.rows[0]).toMatchObject({ question: "How high?", context: CONTEXT, answers: expected });
  });

  it("finds a column that the first rows do not have", async () => {
    const { rows } = await readLines([
      { ...row, is_impossible: true },
      { ...row, answers: qa().answers },
    ]);
    expect(rows.map(({ answers }) => answers.length)).toEqual([0, 1]);
  });

  it.each([
    [
      "a question that is missing",
      { context: CONTEXT, answers: [] },
      '"question" is missing; a text is needed',
    ],
    ["a passage that is a list", { ...row, context: [] }, '"context" is a list; a text is needed'],
    ["an id that is an object", { ...row, id: {}, answers: [] }, "the id is an object"],
    [
      "answers that are texts",
      { ...row, answers: ["912"] },
      'the text "912" where an answer with "text" and',
    ],
    [
      "an answer without offset",
      { ...row, answers: [{ text: "912" }] },
      'of "912" is missing; a number from 0',
    ],
    [
      "an offset before the passage",
      { ...row, answers: [{ text: "912", answer_start: -1 }] },
      'of "912" is -1;',
    ],
    [
      "half an offset",
      { ...row, answers: [{ text: "912", answer_start: 1.5 }] },
      'of "912" is 1.5; a number from 0',
    ],
    [
      "an offset as text",
      { ...row, answers: [{ text: "9", answer_start: "16" }] },
      'of "9" is the text "16"',
    ],
    ["an empty answer", { ...row, answers: { text: [""], answer_start: [0] } }, "an answer is empty"],
    [
      "an answer of another type",
      { ...row, answers: [{ text: 9, answer_start: 0 }] },
      '"text" of an answer is the number 9',
    ],
    [
      "lists of two lengths",
      { ...row, answers: { text: ["912"], answer_start: [] } },
      '"answers" has 1 and 0 entries in "text" and "answer_start"',
    ],
    ["answers left out", row, "there are no answers"],
  ])("refuses %s", async (_, bad, message) => {
    const good = { ...row, id: "first", answers: qa().answers };
    expect(await refusal(readLines([good, bad]))).toContain(`rows.jsonl:2: `);
    expect(await refusal(readLines([good, bad]))).toContain(message);
  });

  it("refuses a line that breaks off, the first one too", async () => {
    const line = JSON.stringify({ ...row, answers: qa().answers });
    expect(await refusal(readText(`${line}\n${line.slice(0, 50)}`, TRAIN, "rows.jsonl"))).toContain(
      "rows.jsonl:2: not a JSON object",
    );
    expect(await refusal(readText(line.slice(0, 50), TRAIN, "rows.jsonl"))).toContain(
      "rows.jsonl:1: not a JSON",
    );
  });

  it.each([
    [
      { text: CONTEXT, answers: [] },
      TRAIN,
      'cannot tell which column the question is among "text", "answers"',
    ],
    [{ question: "?", body: CONTEXT }, PREDICT, "which column the passage is"],
    [row, TRAIN, "which column the answers are"],
    [row, { ...PREDICT, contextColumn: "contxt" }, 'no column "contxt"'],
    [
      row,
      { ...PREDICT, contextColumn: "question" },
      '"question" is named as the question and as the passage',
    ],
  ])("says which column cannot be told, %#", async (only, options, message) => {
    expect(await refusal(readLines([only], options))).toContain(message);
  });
});

describe("rows in memory", () => {
  it("are named by their numbers, and need be there", async () => {
    const rows = [{ question: "?", context: CONTEXT, answers: [{ text: "Elm", start: 7 }] }];
    expect(await refusal(readRows(rows))).toContain('rows:1: "Elm" is at 6, the file says 7');
    expect(await refusal(readRows([]))).toContain("rows is empty");
    expect(await refusal(readRows(["?" as unknown as object]))).toContain("rows:1: a row is an object");
  });

  it("stream: a row is read when it is asked for", async () => {
    let given = 0;
    async function* rows() {
      for (given = 1; ; given++) yield { question: "?", context: CONTEXT };
    }
    const { examples } = await questionsFromRows(rows(), PREDICT);
    const iterator = examples[Symbol.asyncIterator]();
    for (let i = 0; i < 150; i++) expect((await iterator.next()).value.line).toBe(i + 1);
    expect(given).toBe(150);
  });
});
