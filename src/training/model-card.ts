/** README.md of a model folder: what it was made from, how well it does, and how to use it. */

/** What a run did, as the card and the result files report it. */
export interface RunOptions {
  epochs: number;
  totalSteps: number;
  batchSize: number;
  learningRate: number;
  warmupSteps: number;
  lrSchedulerType: string;
  weightDecay: number;
  seed: number;
  /** Name and version. */
  runtime: string;
  /** Of matrix products. */
  precision: string;
  /** Metric that chose the weights. */
  metric: string;
  /** Mean loss of the steps. */
  loss: number;
}

export interface CardInput {
  folder: string;
  baseModel: string;
  tag: string;
  labels: readonly string[];
  /** The class of the model; one that starts with `Bertwright` is not in transformers. */
  architecture: string;
  trainRows: number;
  validationRows: number;
  metrics: Readonly<Record<string, number>>;
  options: RunOptions;
}

export function modelCard(card: CardInput): string {
  const { baseModel, tag, options } = card;
  return [
    "---",
    `base_model: ${JSON.stringify(baseModel)}`,
    `pipeline_tag: ${tag}`,
    "library_name: transformers",
    "tags:",
    "- bertwright",
    "---",
    "",
    `# ${tag} with ${baseModel}`,
    "",
    `Fine-tuned on ${card.trainRows} rows with Bertwright: every parameter of ${baseModel} and a new output layer.`,
    ...(card.labels.length > 0
      ? ["", `Labels: ${card.labels.map((label) => `\`${label}\``).join(", ")}.`]
      : []),
    "",
    ...metricTable(card),
    "## Use",
    "",
    "```js",
    'import { loadPredictor } from "bertwright";',
    "",
    `const predict = await loadPredictor(${JSON.stringify(card.folder)});`,
    `console.log(await predict(${PREDICT_WITH[tag] ?? '"…"'}));`,
    "```",
    "",
    ...pythonUse(card),
    "## Training",
    "",
    "| option | value |",
    "|---|---|",
    ...Object.entries(options).map(([name, value]) => `| ${name} | ${value} |`),
    "",
  ].join("\n");
}

/** What a predictor is called with, where that is not a text alone. */
const PREDICT_WITH: Readonly<Record<string, string>> = {
  "question-answering": '"A question?", "Its passage …"',
};

function pythonUse({ folder, architecture }: CardInput): string[] {
  if (!architecture.startsWith("BertFor")) {
    return ["transformers has no head with such additional layers: use this model with Bertwright.", ""];
  }
  const auto = architecture.replace("Bert", "AutoModel");
  return [
    "```python",
    `from transformers import ${auto}, AutoTokenizer`,
    "",
    `model = ${auto}.from_pretrained(${JSON.stringify(folder)})`,
    `tokenizer = AutoTokenizer.from_pretrained(${JSON.stringify(folder)})`,
    "```",
    "",
  ];
}

function metricTable({ metrics, validationRows }: CardInput): string[] {
  const entries = Object.entries(metrics);
  if (entries.length === 0) return ["No rows were set aside to measure it.", ""];
  return [
    `## Quality on ${validationRows} rows that it was not trained on`,
    "",
    "| metric | value |",
    "|---|---|",
    ...entries.map(([name, value]) => `| ${name} | ${value.toFixed(4)} |`),
    "",
  ];
}
