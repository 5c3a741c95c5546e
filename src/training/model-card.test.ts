/** The model card says what the model is, how well it does and how to use it, and no more than is so. */
import { describe, expect, it } from "vitest";
import { type CardInput, modelCard } from "./model-card.ts";

const CARD: CardInput = {
  folder: "models/tone",
  baseModel: "google-bert/bert-base-uncased",
  tag: "text-classification",
  labels: ["calm", "harsh"],
  architecture: "BertForSequenceClassification",
  trainRows: 1200,
  validationRows: 300,
  metrics: { accuracy: 0.91234, f1: 0.5 },
  options: {
    ...{ epochs: 3, totalSteps: 114, batchSize: 32, learningRate: 2e-5, warmupSteps: 12 },
    lrSchedulerType: "linear",
    ...{ weightDecay: 0.01, seed: 42, metric: "accuracy", loss: 0.25 },
    ...{ runtime: "onnxruntime 1.30.0", precision: "float32" },
  },
};

describe("modelCard", () => {
  it("begins with front matter that the Hub reads", () => {
    const [open, ...rest] = modelCard(CARD).split("\n");
    expect(open).toBe("---");
    const front = rest.slice(0, rest.indexOf("---"));
    expect(front).toContain('base_model: "google-bert/bert-base-uncased"');
    expect(front).toContain("pipeline_tag: text-classification");
  });

  it("has the metrics as a table, the labels, the options and both ways of use", () => {
    const card = modelCard(CARD);
    expect(card).toContain("Quality on 300 rows that it was not trained on");
    expect(card).toContain("| accuracy | 0.9123 |\n| f1 | 0.5000 |");
    expect(card).toContain("Labels: `calm`, `harsh`.");
    expect(card).toContain("| learningRate | 0.00002 |");
    expect(card).toContain("| runtime | onnxruntime 1.30.0 |\n| precision | float32 |");
    expect(card).toContain('loadPredictor("models/tone")');
    expect(card).toContain('from_pretrained("models/tone")');
  });

  it("claims no quality that was not measured", () => {
    const card = modelCard({ ...CARD, metrics: {}, validationRows: 0 });
    expect(card).toContain("No rows were set aside to measure it.");
    expect(card).not.toContain("Quality");
  });

  it("names no labels for scores, and no transformers for a head that it does not have", () => {
    expect(modelCard({ ...CARD, labels: [] })).not.toContain("Labels:");
    const deep = modelCard({ ...CARD, architecture: "BertwrightForSequenceClassification" });
    expect(deep).not.toContain("from_pretrained");
    expect(deep).toContain("transformers has no head with such additional layers");
  });

  it("names the class of the task and calls the predictor as the task is called", () => {
    const card = modelCard({ ...CARD, tag: "question-answering", architecture: "BertForQuestionAnswering" });
    expect(card).toContain("import AutoModelForQuestionAnswering,");
    expect(card).toContain('predict("A question?", "Its passage …")');
  });

  it("quotes a path with quotes and backslashes", () => {
    expect(modelCard({ ...CARD, folder: 'C:\\a "b"' })).toContain('loadPredictor("C:\\\\a \\"b\\"")');
  });
});
