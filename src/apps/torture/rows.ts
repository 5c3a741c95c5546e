/** Made-up rows for the tiny model, of every kind that a head can be trained on. */
import { hash32 } from "../../util/random.ts";
import type { FineTuneOptions, Row } from "./library.ts";
import { WORDS } from "./tiny-model.ts";

export interface Kind {
  readonly name: string;
  readonly options: Pick<FineTuneOptions, "task" | "problemType">;
  /** Row `i`; rows differ in length. */
  readonly row: (i: number) => Row;
}

const word = (...key: number[]) => WORDS[hash32(...key) % WORDS.length];

const words = (i: number) => Array.from({ length: 3 + (hash32(i) % 12) }, (_, j) => word(i, j));

const pick = <T>(list: readonly T[], i: number): T => list[hash32(i, 77) % list.length];

export const KINDS: readonly Kind[] = [
  {
    name: "classes",
    options: { task: "text-classification", problemType: "single_label_classification" },
    row: (i) => ({ text: words(i).join(" "), label: pick(["good", "bad", "neither"], i) }),
  },
  {
    name: "pairs and scores",
    options: { task: "text-classification", problemType: "regression" },
    row: (i) => ({
      text: words(i).join(" "),
      textPair: words(i + 1000).join(" "),
      label: (hash32(i) % 50) / 10,
    }),
  },
  {
    name: "several labels",
    options: { task: "text-classification", problemType: "multi_label_classification" },
    row: (i) => ({ text: words(i).join(" "), label: ["good", "day"].filter((_, bit) => (i >> bit) & 1) }),
  },
  {
    name: "tags",
    options: { task: "token-classification" },
    row: (i) => {
      const tokens = words(i);
      return { tokens, tags: tokens.map((_, j) => pick(["B-ONE", "B-TWO", "O"], hash32(i, j))) };
    },
  },
  {
    name: "questions",
    options: { task: "question-answering" },
    row: (i) => {
      const passage = words(i);
      const at = hash32(i, 5) % passage.length;
      const answer_start = passage.slice(0, at).join(" ").length + (at > 0 ? 1 : 0);
      const answers = [{ text: passage[at], answer_start }];
      return { id: `q${i}`, question: "what day?", context: passage.join(" "), answers };
    },
  },
];
