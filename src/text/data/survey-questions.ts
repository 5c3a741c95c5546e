/** One pass over the questions of a file: counts and hashes, no texts. */
import { Findings } from "./findings.ts";
import { Lengths } from "./lengths.ts";
import type { QuestionExample } from "./questions/questions.ts";
import type { SurveyData } from "./survey-data.ts";
import { hashText, TextTable } from "./text-table.ts";

/** What the model's tokenizer makes of a question. */
export interface TokenizedQuestion {
  question: number;
  /** Question, passage and special tokens, before they are split into windows. */
  tokens: number;
  windows: number;
  /** Of each answer. */
  answers: readonly number[];
}

/** Texts that were seen: questions with their passages, and passages. */
export interface SeenQuestions {
  questions: TextTable;
  passages: TextTable;
}

export class QuestionSurvey {
  readonly data: SurveyData<QuestionExample>;
  readonly seen: SeenQuestions = { questions: new TextTable(), passages: new TextTable() };
  readonly tokens = new Lengths();
  readonly questionTokens = new Lengths();
  readonly answerTokens = new Lengths();
  readonly answerWords = new Lengths();
  readonly withoutAnswers = new Findings();
  readonly duplicates = new Findings();
  readonly conflicts = new Findings();
  readonly inTrain = new Findings();
  readonly passagesInTrain = new Findings();
  questions = 0;
  passages = 0;
  answered = 0;
  unanswerable = 0;
  answers = 0;
  mostAnswers = 0;
  windows = 0;
  split = 0;
  readonly #train: SeenQuestions | undefined;

  /** `train`: what is there already, where this is the validation data. */
  constructor(data: SurveyData<QuestionExample>, train?: SeenQuestions) {
    this.data = data;
    this.#train = train;
  }

  async read(tokenize: ((example: QuestionExample) => TokenizedQuestion) | undefined): Promise<void> {
    for await (const example of this.data.examples) {
      this.questions++;
      this.#addAnswers(example);
      this.#addRepeats(example);
      if (tokenize) this.#addTokens(tokenize(example));
    }
  }

  #addAnswers({ line, answers, isImpossible }: QuestionExample): void {
    if (answers.length > 0) this.answered++;
    else if (isImpossible) this.unanswerable++;
    else this.withoutAnswers.add(line);
    this.answers += answers.length;
    this.mostAnswers = Math.max(this.mostAnswers, answers.length);
    for (const { text } of answers) this.answerWords.add(text.trim().split(/\s+/).length);
  }

  #addTokens({ question, tokens, windows, answers }: TokenizedQuestion): void {
    this.questionTokens.add(question);
    this.tokens.add(tokens);
    for (const length of answers) this.answerTokens.add(length);
    this.windows += windows;
    if (windows > 1) this.split++;
  }

  #addRepeats(example: QuestionExample): void {
    const { line } = example;
    const [question, context] = [example.question.trim(), example.context.trim()];
    if (this.seen.passages.findOrAdd(context, undefined, line, 0) === undefined) {
      this.passages++;
      const inTrain = this.#train?.passages.find(context, undefined);
      if (inTrain !== undefined) this.passagesInTrain.add(line, inTrain.line);
    }
    const label = hashText(example.answers.map(({ text, start }) => `${start} ${text}`).join("\0"));
    const first = this.seen.questions.findOrAdd(question, context, line, label);
    if (first !== undefined) {
      this.duplicates.add(line, first.line);
      if (first.label !== label) this.conflicts.add(line, first.line);
    }
    const inTrain = this.#train?.questions.find(question, context);
    if (inTrain !== undefined) this.inTrain.add(line, inTrain.line);
  }
}
