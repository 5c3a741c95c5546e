/** What each task reads from config.json, a saved model's own or one from elsewhere. */
import { describe, expect, it } from "vitest";
import { InputError, UsageError } from "../../util/errors.ts";
import { APPLICATIONS, tagOfConfig } from "./index.ts";
import { questionAnsweringApplication as questions } from "./question-answering.ts";
import { tokenClassificationApplication as tagging } from "./token-classification.ts";

describe("the task of a model", () => {
  it.each([
    ["BertForSequenceClassification", "text-classification"],
    ["BertwrightForSequenceClassification", "text-classification"],
    ["BertForTokenClassification", "token-classification"],
    ["BertForQuestionAnswering", "question-answering"],
  ])("%s is %s", (architecture, tag) => {
    expect(tagOfConfig("model", { architectures: [architecture] })).toBe(tag);
  });

  it.each([[["BertModel"]], [["toString"]], [[]], ["BertForQuestionAnswering"], [undefined]])(
    "%j is none",
    (architectures) => {
      expect(() => tagOfConfig("model", { architectures })).toThrow(InputError);
      expect(() => tagOfConfig("model", { architectures })).toThrow("model: the model's class is");
    },
  );

  it("is found under its own tag", () => {
    for (const [tag, application] of Object.entries(APPLICATIONS)) expect(application.tag).toBe(tag);
  });
});

describe("tagging", () => {
  const labels = (...names: string[]) => ({
    id2label: Object.fromEntries(names.map((name, i) => [i, name])),
  });
  const read = (json: object) => tagging.fromConfig("model", { ...json }, {}).options;

  it("reads what it wrote", async () => {
    const train = [{ tokens: ["a", "b", "c", "d"], tags: ["B-X", "L-X", "U-X", "O"] }];
    const data = await tagging.read(train, { maxSeqLength: 16 });
    const written = tagging.task({ task: "token-classification", train, labelAllPieces: true }, data);
    expect(written.options).toEqual({ labels: ["B-X", "I-X", "O"], scheme: "BILOU", labelAllPieces: true });
    expect(read(written.configFields({}))).toEqual(written.options);
  });

  it.each([
    [["O", "B-PER", "I-PER"], "IOB2"],
    [["O", "I-PER", "B-PER"], "IOB2"],
    [["NOUN", "VERB"], "none"],
    [["O", "price"], "none"],
    [["O"], "none"],
  ])("of a model from elsewhere with %j takes %s", (names, scheme) => {
    expect(read(labels(...names))).toEqual({ labels: names, scheme, labelAllPieces: false });
  });

  it("does not take a scheme that it does not know", () => {
    expect(read({ ...labels("B-X", "O"), bertwright: { tag_scheme: "IOB3" } }).scheme).toBe("IOB2");
  });

  it("needs labels", () => {
    expect(() => read({})).toThrow(InputError);
    expect(() => read({})).toThrow("config.json has no labels");
  });

  it("is as hard as its tags are many", () => {
    const { classes, what } = tagging.difficulty(tagging.fromConfig("model", labels("A", "B", "C"), {}));
    expect([classes, what]).toEqual([3, "3 tags"]);
  });
});

describe("questions", () => {
  const read = (own: object | undefined, overrides = {}) =>
    questions.fromConfig("model", own ? { bertwright: own } : {}, overrides).options;

  it("reads what it wrote, the best threshold with it", async () => {
    const train = [{ question: "what?", context: "a day", answers: [] }];
    const data = await questions.read(train, { maxSeqLength: 16 });
    const written = questions.task({ task: "question-answering", train, maxAnswerLength: 7 }, data);
    expect(written.options).toMatchObject({ answerSoftmax: "all", noAnswers: true, maxAnswerLength: 7 });
    const json = written.configFields({ best_f1_thresh: -1.25 });
    const { options: found } = questions.fromConfig("model", json, {});
    expect(found).toEqual({ ...written.options, nullScoreDiffThreshold: -1.25 });
  });

  it("of a model from elsewhere always answers, unless a threshold is asked for", () => {
    expect(read(undefined)).toMatchObject({ answerSoftmax: "all", noAnswers: false, maxAnswerLength: 30 });
    const asked = { noAnswers: true, nullScoreDiffThreshold: 0 };
    expect(read(undefined, { nullScoreDiffThreshold: 0 })).toMatchObject(asked);
    expect(read({ no_answers: false }, { nullScoreDiffThreshold: 0 })).toMatchObject(asked);
  });

  it("takes what its user asks for before what the model says", () => {
    const own = { no_answers: true, null_score_diff_threshold: 2, max_answer_length: 9 };
    const overrides = { nullScoreDiffThreshold: -3, maxAnswerLength: 4, nBest: 5 };
    expect(read(own)).toMatchObject({ nullScoreDiffThreshold: 2, maxAnswerLength: 9, nBest: 20 });
    expect(read(own, overrides)).toMatchObject(overrides);
  });

  it("has no threshold where [CLS] has no meaning", () => {
    const reading = () => read({ answer_softmax: "passage" }, { nullScoreDiffThreshold: 0 });
    expect(reading).toThrow(UsageError);
    expect(reading).toThrow("nullScoreDiffThreshold has no meaning for model");
    expect(read({ answer_softmax: "passage" }).answerSoftmax).toBe("passage");
  });
});
