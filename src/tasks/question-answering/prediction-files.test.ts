import { describe, expect, it } from "vitest";
import type { Answers } from "./answers.ts";
import { PredictionFiles, type PredictionText } from "./prediction-files.ts";

const answers = (answer: string, scoreDiff?: number): Answers => {
  const best = { answer, start: 0, end: answer.length, score: 0.75 };
  const other = { answer: "", start: 0, end: 0, score: 0.25, startLogit: -1, endLogit: 0 };
  return { best, bestSpan: best, nBest: [{ ...best, startLogit: 1.5, endLogit: 2 }, other], scoreDiff };
};

function filesOf(...questions: [id: string, answers: Answers][]): PredictionText {
  const files = new PredictionFiles();
  const texts = [...questions.map(([id, of]) => files.add(id, of)), files.finish()];
  const whole = (name: keyof PredictionText) => texts.map((text) => text[name]).join("");
  return {
    "predictions.json": whole("predictions.json"),
    "nbest_predictions.json": whole("nbest_predictions.json"),
    "null_odds.json": whole("null_odds.json"),
  };
}

describe("PredictionFiles", () => {
  it("has the keys, their order and the indentation of utils_qa.py", () => {
    const files = filesOf(["q1", answers("the roof", -3.5)], ["q2", answers("Ilse", 2.25)]);
    expect(files["predictions.json"]).toBe('{\n    "q1": "the roof",\n    "q2": "Ilse"\n}\n');
    expect(files["null_odds.json"]).toBe('{\n    "q1": -3.5,\n    "q2": 2.25\n}\n');
    expect(files["nbest_predictions.json"].split('    "q2"')[0]).toBe(`{
    "q1": [
        {
            "start_logit": 1.5,
            "end_logit": 2,
            "text": "the roof",
            "probability": 0.75
        },
        {
            "start_logit": -1,
            "end_logit": 0,
            "text": "",
            "probability": 0.25
        }
    ],
`);
  });

  it("keeps ids and texts whatever they hold, in the order given", () => {
    const ids = ["20", "3", "__proto__", 'a"b\\\n', "é😀"];
    const files = filesOf(...ids.map((id): [string, Answers] => [id, answers(`"${id}"\n`)]));
    const entries = Object.entries(JSON.parse(files["predictions.json"]));
    expect(new Map(entries)).toEqual(new Map(ids.map((id) => [id, `"${id}"\n`])));
    expect(files["predictions.json"].indexOf('"20"')).toBeLessThan(files["predictions.json"].indexOf('"3"'));
    expect(JSON.parse(files["nbest_predictions.json"])["é😀"][0].text).toBe('"é😀"\n');
  });

  it("has no odds where questions are always answered", () => {
    expect(filesOf(["q1", answers("Ilse")])["null_odds.json"]).toBe("");
  });

  it("writes an empty object where there are no questions", () => {
    expect(filesOf()).toEqual({
      "predictions.json": "{}\n",
      "nbest_predictions.json": "{}\n",
      "null_odds.json": "",
    });
  });

  it("writes an empty list for a passage without answers", () => {
    const none = { ...answers(""), nBest: [] };
    expect(filesOf(["q1", none])["nbest_predictions.json"]).toBe('{\n    "q1": []\n}\n');
  });
});
