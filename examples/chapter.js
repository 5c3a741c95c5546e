/**
 * The applications of the chapter "Fine-Tuning BERT for Sequence-Level and Token-Level Applications" of Dive into Deep
 * Learning, tried on models that were trained before, with sentences that none of them has seen.
 *
 * npm run build && node examples/chapter.js --pos MODEL --entities MODEL --questions MODEL
 */
import { parseArgs } from "node:util";
import { loadPredictor } from "bertwright";

const { values: models } = parseArgs({
  options: { pos: { type: "string" }, entities: { type: "string" }, questions: { type: "string" } },
});

/** Words as the chapter splits them, and sentences of our own with what a person would say. */
const POS = [
  ["John Smith 's car is new", "PROPN PROPN PART NOUN AUX ADJ"],
  ["She booked two cheap flights to Oslo yesterday .", "PRON VERB NUM ADJ NOUN ADP PROPN NOUN PUNCT"],
  ["Can you can the beans before they can spoil ?", "AUX PRON VERB DET NOUN SCONJ PRON AUX VERB PUNCT"],
];

const ENTITIES = [
  ["John Smith 's car is new", [["PER", "John Smith"]]],
  [
    "Angela Merkel flew from Berlin to New York for the United Nations .",
    [
      ["PER", "Angela Merkel"],
      ["LOC", "Berlin"],
      ["LOC", "New York"],
      ["ORG", "United Nations"],
    ],
  ],
  [
    "The German team beat Ajax 3-1 in Rotterdam .",
    [
      ["MISC", "German"],
      ["ORG", "Ajax"],
      ["LOC", "Rotterdam"],
    ],
  ],
];

const MASKS =
  "Doctors still argue about how well masks work. 😷 The companies that make masks say that their goods, N95 " +
  "respirators above all, keep the virus out. A café owner in Zürich bought 200 of them in March 2020.";
const QUESTIONS = [
  ["Who says that N95 respirators keep the virus out?", MASKS, "The companies that make masks"],
  ["How many masks did the café owner buy?", MASKS, "200"],
  ["When did the café owner buy masks?", MASKS, "March 2020"],
  ["Where is the café?", MASKS, "Zürich"],
];

let right = 0;
let all = 0;
function check(what, got, wanted) {
  all += 1;
  if (got === wanted) right += 1;
  console.log(`${got === wanted ? "right" : "wrong"}  ${what}`);
  console.log(`         ${got}`);
  if (got !== wanted) console.log(`  wanted ${wanted}`);
}

/** Calls `use` with the model in `folder`, where one was given. */
async function withModel(folder, task, use) {
  if (folder === undefined) return;
  const predict = await loadPredictor(folder, { task });
  try {
    await use(predict);
  } finally {
    predict.dispose();
  }
}

async function tagged(predict, sentence) {
  for await (const prediction of predict.stream([{ tokens: sentence.split(" ") }])) return prediction;
}

await withModel(models.pos, "token-classification", async (predict) => {
  for (const [sentence, wanted] of POS) {
    const { words } = await tagged(predict, sentence);
    check(sentence, words.map(({ tag }) => tag).join(" "), wanted);
  }
});
await withModel(models.entities, "token-classification", async (predict) => {
  for (const [sentence, wanted] of ENTITIES) {
    const { entities } = await tagged(predict, sentence);
    const show = (list) => list.map(([label, text]) => `${label} ${text}`).join(", ");
    check(sentence, show(entities.map(({ label, text }) => [label, text])), show(wanted));
  }
});
await withModel(models.questions, "question-answering", async (predict) => {
  for (const [question, passage, wanted] of QUESTIONS) {
    const { answer, start, end } = await predict(question, passage);
    check(question, answer, wanted);
    if (passage.slice(start, end) !== answer) throw new Error(`${start} to ${end} is not the answer's place`);
  }
});
console.log(`${right} of ${all} right`);
