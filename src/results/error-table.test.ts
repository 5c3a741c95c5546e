/** errors.csv: which rows are in it, in which order, and what stands in its cells. */
import { describe, expect, it } from "vitest";
import { questionAnswering } from "../tasks/question-answering/task.ts";
import { textClassification } from "../tasks/text-classification.ts";
import { tokenClassification } from "../tasks/token-classification/task.ts";
import { ErrorTable } from "./error-table.ts";
import { lineKindOf } from "./line-kinds.ts";
import type { ResultLine, TextFields } from "./lines.ts";

const classes = textClassification({ problemType: "single_label_classification", labels: ["no", "yes"] });

function line(number: number, loss: number | null, fields: Partial<TextFields> = {}): ResultLine<TextFields> {
  const prediction = { label: "no", score: 0.75, top: [] };
  const row = { text: `text ${number}`, gold: "yes", prediction, correct: false, ...fields };
  return { file: "dev.tsv", line: number, ...row, loss };
}

function table(lines: readonly ResultLine[], most?: number, kind = lineKindOf(classes)): string[] {
  const errors = new ErrorTable(kind, most);
  for (const one of lines) errors.add(one);
  return errors.text().split("\n").slice(0, -1);
}

describe("errors.csv", () => {
  it("has the wrong rows, the highest loss first, equal ones as they came, those without a loss last", () => {
    const lines = [line(1, 0.5), line(2, 2), line(3, 9, { correct: true }), line(4, null), line(5, 2)];
    expect(table(lines)).toEqual([
      "file,line,text,gold,predicted,score,loss",
      "dev.tsv,2,text 2,yes,no,0.75,2",
      "dev.tsv,5,text 5,yes,no,0.75,2",
      "dev.tsv,1,text 1,yes,no,0.75,0.5",
      "dev.tsv,4,text 4,yes,no,0.75,",
    ]);
  });

  it("keeps the worst of very many", () => {
    const lines = Array.from({ length: 100 }, (_, i) => line(i, (i * 37) % 100));
    const losses = table(lines, 3)
      .slice(1)
      .map((row) => row.split(",").at(-1));
    expect(losses).toEqual(["99", "98", "97"]);
  });

  it("is empty where nothing is wrong", () => {
    expect(table([line(1, 0.1, { correct: true })])).toEqual([]);
  });

  it("has both texts of a pair", () => {
    const [header, row] = table([line(1, 1, { text: "a, b", textPair: 'c "d"' })]);
    expect(header).toBe("file,line,text,text_pair,gold,predicted,score,loss");
    expect(row).toBe('dev.tsv,1,"a, b","c ""d""",yes,no,0.75,1');
  });

  it("has all rows of numbers", () => {
    const kind = lineKindOf(textClassification({ problemType: "regression", labels: [] }));
    const fields = { gold: 3.5, prediction: { score: 1.25 }, correct: undefined };
    expect(table([line(1, 0.25, fields), line(2, 4, fields)], undefined, kind).slice(1)).toEqual([
      "dev.tsv,2,text 2,3.5,1.25,,4",
      "dev.tsv,1,text 1,3.5,1.25,,0.25",
    ]);
  });

  it("has the answers of people and the one that was given", () => {
    const kind = lineKindOf(questionAnswering());
    const prediction = { id: "q", answer: "", start: 0, end: 0, score: 0.5 };
    const fields = {
      id: "q",
      question: "how high?",
      context: "912 m high",
      gold: ["912 m", "912"],
      prediction,
    };
    const wrong = { file: "dev.json", line: 7, ...fields, exact: 0, f1: 0, correct: false, loss: 3 };
    expect(table([wrong], undefined, kind)).toEqual([
      "file,line,question,context,gold,predicted,score,loss",
      "dev.json,7,how high?,912 m high,912 m | 912,,0.5,3",
    ]);
  });
});

describe("mistakes", () => {
  it("of several labels are those missed and those too many", () => {
    const task = textClassification({ problemType: "multi_label_classification", labels: ["a", "b", "c"] });
    const kind = lineKindOf(task);
    const prediction = {
      labels: [
        { label: "b", score: 0.9 },
        { label: "c", score: 0.8 },
      ],
    };
    expect(kind.mistakes({ text: "t", gold: ["a", "b"], prediction, correct: false })).toEqual([
      ["a", "not a"],
      ["not c", "c"],
    ]);
  });

  it("of entities are other types on the same words, and words that are not theirs", () => {
    const kind = lineKindOf(
      tokenClassification({ labels: ["O", "B-PER", "I-PER", "B-LOC"], scheme: "IOB2" }),
    );
    const entity = (label: string, start: number, end: number) => ({ label, text: "", start, end, score: 1 });
    const gold = { tags: [], entities: [entity("PER", 0, 4), entity("LOC", 5, 9), entity("PER", 20, 25)] };
    const prediction = {
      words: [],
      entities: [entity("PER", 0, 4), entity("PER", 5, 9), entity("PER", 20, 22)],
    };
    expect(kind.mistakes({ text: "t", gold, prediction, correct: false })).toEqual([
      ["LOC", "PER"],
      ["PER", "not these words"],
      ["not these words", "PER"],
    ]);
  });

  it("of questions are by kind", () => {
    const kind = lineKindOf(questionAnswering({ noAnswers: true }));
    const mistakes = (gold: string[], answer: string, f1: number) =>
      kind.mistakes({
        ...{ id: "q", question: "q", context: "c", gold, exact: 0, f1, correct: false },
        prediction: { answer, start: 0, end: 0, score: 1 },
      });
    expect([
      mistakes([], "x", 0),
      mistakes(["x"], "", 0),
      mistakes(["x y"], "x", 0.6),
      mistakes(["x"], "y", 0),
    ]).toEqual([
      [["no answer", "an answer"]],
      [["an answer", "no answer"]],
      [["an answer", "other words around or in it"]],
      [["an answer", "another answer"]],
    ]);
  });
});
