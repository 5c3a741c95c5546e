import { describe, expect, it } from "vitest";
import { PREDICT, qa, readRows, readSquad, TRAIN } from "../../../../test/helpers/questions.ts";
import { refusal } from "../../../../test/helpers/refusal.ts";

describe("offsets", () => {
  const MOUNTAIN = "🏔 Mount Elm 🏔 rises 912 metres.";
  const at = (text: string, answer_start: number, fields: object = {}) =>
    qa({ answers: [{ text, answer_start }], ...fields });
  const startOf = (text: string) => ({ text, start: MOUNTAIN.indexOf(text) });

  it("count code points in files and UTF-16 units in memory", async () => {
    const { rows } = await readSquad([at("912 metres", 20)], TRAIN, MOUNTAIN);
    expect(rows[0].answers).toEqual([startOf("912 metres")]);
    const row = { question: "How high?", context: MOUNTAIN, answers: [startOf("912 metres")] };
    const memory = await readRows([row]);
    expect(memory.rows[0].answers).toEqual([startOf("912 metres")]);
    const points = { ...row, answers: { text: ["912"], answer_start: [20] } };
    expect((await readRows([points], { ...TRAIN, offsets: "code_points" })).rows[0].answers).toEqual([
      startOf("912"),
    ]);
  });

  it("that are wrong are an error with the right ones, counted", async () => {
    const qas = [at("912 metres", 17), at("Elm", 6, { id: "q2" }), at("Elm", 5, { id: "q3" })];
    expect(await refusal(readSquad(qas))).toBe(
      'dev.json, question q1: "912 metres" is at 16, the file says 17; 2 such, of the questions q1, q3.\n--fix-answer-offsets moves them.',
    );
    expect(await refusal(readSquad(qas.slice(0, 2)))).toBe(
      'dev.json, question q1: "912 metres" is at 16, the file says 17.\n--fix-answer-offsets moves it.',
    );
  });

  it("are moved and listed where asked for, to the nearest place", async () => {
    const qas = [at("Mount Elm", 46), at("Mount Elm", 3, { id: "q2" }), at("lies", 9999, { id: "q3" })];
    const file = await readSquad(qas, { ...TRAIN, fixAnswerOffsets: true });
    expect(file.rows.map(({ answers }) => answers[0].start)).toEqual([48, 0, 37]);
    expect(file.problems).toEqual([
      {
        line: 1,
        id: "q1",
        kind: "moved",
        reason: 'dev.json, question q1: "Mount Elm" is at 48, the file says 46',
      },
      {
        line: 2,
        id: "q2",
        kind: "moved",
        reason: 'dev.json, question q2: "Mount Elm" is at 0, the file says 3',
      },
      {
        line: 3,
        id: "q3",
        kind: "moved",
        reason: 'dev.json, question q3: "lies" is at 37, the file says 9999',
      },
    ]);
  });

  it("that count UTF-16 units are taken so before the nearest place", async () => {
    const context = `${"🏔".repeat(10)} Elm Elm Elm`;
    const file = await readSquad([at("Elm", 25)], { ...TRAIN, fixAnswerOffsets: true }, context);
    expect(file.rows[0].answers).toEqual([{ text: "Elm", start: 25 }]);
    expect(file.problems[0].reason).toContain("is at 15, the file says 25");
  });

  it("of answers that are nowhere are an error that lists the questions", async () => {
    const qas = ["a", "b", "c", "d", "e", "f"].map((id) => at("913 metres", 16, { id }));
    for (const fixAnswerOffsets of [false, true]) {
      expect(await refusal(readSquad(qas, { ...TRAIN, fixAnswerOffsets }))).toBe(
        'dev.json, question a: "913 metres" is nowhere in the passage; 6 such, of the questions a, b, c, d, e and 1 more.\nCorrect them, as the passage writes them, or leave them out.',
      );
    }
  });

  it("that are wrong in one of several answers count as well", async () => {
    const answers = [
      { text: "912", answer_start: 16 },
      { text: "912 metres", answer_start: 15 },
    ];
    expect(await refusal(readSquad([qa({ answers })]))).toContain('"912 metres" is at 16, the file says 15');
  });
});

describe("prediction", () => {
  it("needs no answers", async () => {
    const { rows, problems } = await readSquad([qa({ answers: undefined })], PREDICT);
    expect(rows[0]).toMatchObject({ answers: [], isImpossible: false });
    expect(problems).toEqual([]);
  });

  it("reads every row, and lists answers that it had to move or drop", async () => {
    const { rows, problems } = await readSquad(
      [
        qa({ answers: [{ text: "912 metres", answer_start: 17 }] }),
        qa({ id: "q2", answers: [{ text: "913 metres", answer_start: 16 }] }),
        qa({ id: "q3", answers: "unknown" }),
        qa({ id: "q4", is_impossible: true }),
      ],
      PREDICT,
    );
    expect(rows.map(({ answers }) => answers.length)).toEqual([1, 0, 0, 0]);
    expect(problems.map(({ id, kind }) => [id, kind])).toEqual([
      ["q1", "moved"],
      ["q2", "dropped"],
      ["q3", "dropped"],
      ["q4", "dropped"],
    ]);
  });

  it("still refuses what is no question", async () => {
    expect(await refusal(readSquad([qa({ question: "" })], PREDICT))).toContain("the question is empty");
  });
});
