/** Questions about passages to features: windows of question and passage, and where the answer stands in them. */
import { Features } from "../tasks/features.ts";
import { Growable } from "../tasks/growable.ts";
import type {
  DecodableQuestion,
  QuestionAnsweringOptions,
  QuestionData,
} from "../tasks/question-answering/task.ts";
import {
  answerPositions,
  checkWindowOptions,
  type EncodedPassage,
  type EncodedQuestion,
  encodePassage,
  encodeQuestion,
  type QuestionWindow,
  type WindowOptions,
  windowOptions,
} from "../tasks/question-answering/windows.ts";
import {
  type Answer,
  type QuestionExample,
  type QuestionFile,
  type QuestionReadOptions,
  questionsFromRows,
  questionsOf,
} from "../text/data/questions/questions.ts";
import type { Tokenizer } from "../text/tokenizer/tokenizer.ts";
import { InputError, UsageError } from "../util/errors.ts";
import { hashText } from "../util/random.ts";
import type { RowKeys } from "./choose-rows.ts";
import { type Dataset, type DatasetOptions, keptOf, openInput } from "./dataset.ts";
import type { DataInput } from "./options.ts";

export interface QuestionDataset extends Dataset, QuestionData {
  /** Whether the file says of some question that it has no answer. */
  readonly noAnswers: boolean;
}

export interface QuestionDataOptions extends DatasetOptions, Partial<Omit<WindowOptions, "maxSeqLength">> {
  answerSoftmax?: QuestionAnsweringOptions["answerSoftmax"];
  /** What training found; without it these are the training rows. */
  known?: Pick<QuestionAnsweringOptions, "answerSoftmax">;
}

export async function readQuestionData(
  input: DataInput,
  options: QuestionDataOptions,
): Promise<QuestionDataset> {
  const file = await openQuestions(input, options);
  const rows = new Questions(file.name, options);
  for await (const example of options.keep ? keptOf(file.examples, options.keep) : file.examples) {
    rows.add(example);
    if (rows.count % 256 === 0) options.signal?.throwIfAborted();
  }
  const { name, layout, problems } = file;
  const moved = problems.filter(({ kind }) => kind === "moved").length;
  const notes = moved === 0 ? [] : [movedNote(moved)];
  return { name, layout, ...rows.finish(notes) };
}

/** Passages, so that the questions of one stay together. */
export async function passageKeys(
  input: DataInput,
  options: Omit<QuestionDataOptions, "maxSeqLength">,
): Promise<RowKeys> {
  const { examples } = await openQuestions(input, options);
  // A hash stands for a passage: memory does not grow with the texts, and two that share one stay together.
  const passages = new Map<number, number>();
  const of = new Growable((n) => new Uint32Array(n));
  for await (const { context } of examples) {
    const hash = hashText(context);
    const number = passages.get(hash) ?? passages.size;
    passages.set(hash, number);
    of.push(number);
  }
  return { kind: "groups", what: "passages", of: of.filled };
}

function movedNote(count: number): string {
  if (count === 1) return "1 answer moved to where it stands in its passage";
  return `${count} answers moved to where they stand in their passages`;
}

/** Opens a file, or takes rows; what a file is, its content tells. `optional`: answers may be missing or wrong. */
export async function openQuestions(
  input: DataInput,
  {
    optional,
    hash,
    ...options
  }: Omit<QuestionReadOptions, "needs"> & Pick<DatasetOptions, "hash"> & { optional?: boolean },
): Promise<QuestionFile> {
  const read: QuestionReadOptions = { ...options, needs: { answers: optional ? "optional" : "required" } };
  const opened = await openInput(input, hash);
  if ("source" in opened) return questionsOf(opened.source, read);
  return questionsFromRows(opened.rows, { ...read, offsets: opened.offsets }, opened.name);
}

/** A default that does not fit is lowered; one that was asked for would then not be what was asked for. */
function checkStride({ docStride, maxSeqLength }: QuestionDataOptions): void {
  // [CLS] and two [SEP], and a token by which the next window goes on.
  const most = maxSeqLength - 4;
  if (docStride === undefined || docStride <= most) return;
  const message = `docStride is ${docStride}, expected a whole number of tokens from 0 to ${most}.`;
  throw new UsageError(message, ["docStride"]);
}

/** Where a window's answer is not, and the softmax goes over the passage alone: nothing to learn from it. */
const UNSUPERVISED: [number, number] = [-1, -1];
/** `[CLS]`: the window has no answer. */
const NO_ANSWER: [number, number] = [0, 0];

class Questions {
  readonly #name: string;
  readonly #options: QuestionDataOptions;
  readonly #windowOptions: WindowOptions;
  readonly #features: Features;
  /** Empty where the rows are only trained on; so are `questionOf` and `firstTokens`. */
  readonly #questions: DecodableQuestion[] = [];
  readonly #questionOf = new Growable((n) => new Uint32Array(n));
  readonly #firstTokens = new Growable((n) => new Uint32Array(n));
  readonly #labels = new Growable((n) => new Float32Array(n));
  /** The passage before, which most often is the next question's as well. */
  #passage: { context: string; encoded: EncodedPassage } | undefined;
  #count = 0;
  #unanswerable = 0;
  #truncated = 0;
  #split = 0;
  #without = 0;

  constructor(name: string, options: QuestionDataOptions) {
    this.#name = name;
    this.#options = options;
    this.#windowOptions = windowOptions(options);
    checkWindowOptions(this.#windowOptions);
    checkStride(options);
    this.#features = new Features(options.tokenizer?.vocabSize ?? 0, options.overflow);
  }

  get count(): number {
    return this.#count;
  }

  add({ id, question, context, answers, isImpossible }: QuestionExample): void {
    if (isImpossible) this.#unanswerable++;
    const { tokenizer } = this.#options;
    const texts = answers.map(({ text }) => text);
    if (!tokenizer) {
      this.#keep({ id, context, answers: texts, offsets: new Int32Array(0) });
      return;
    }
    const passage = this.#encodePassage(tokenizer, context);
    const { windows, offsets, questionTruncated } = this.#encode(tokenizer, id, question, passage);
    if (questionTruncated) this.#truncated++;
    if (windows.length > 1) this.#split++;
    const found = windows.filter((window) => this.#addWindow(window, offsets, answers[0])).length;
    if (answers.length > 0 && found === 0) this.#without++;
    this.#keep({ id, context, answers: texts, offsets });
  }

  #keep(question: DecodableQuestion): void {
    this.#count++;
    if (!this.#options.trainingOnly) this.#questions.push(question);
  }

  /** Throws `InputError` for training rows that a softmax over passages alone cannot learn from. */
  finish(notes: readonly string[]): Omit<QuestionDataset, "name" | "layout"> {
    const { known, tokenizer } = this.#options;
    if (!known && this.#passageOnly && this.#unanswerable > 0) {
      throw new InputError(
        `${this.#name}: ${this.#unanswerable === 1 ? "1 question has" : `${this.#unanswerable} questions have`} no answer, which a softmax over the passage alone cannot give.\nTake --answer-softmax all.`,
      );
    }
    if (!known && tokenizer && this.#features.rows === 0) {
      throw new InputError(
        `${this.#name}: no question has its whole answer in a window of ${this.#windowOptions.maxSeqLength} tokens.\nChoose a larger --max-seq-length.`,
      );
    }
    if (tokenizer) this.#features.setLabels({ width: 2, values: this.#labels.filled });
    return {
      features: this.#features,
      examples: this.count,
      pair: true,
      labels: [],
      truncated: this.#truncated,
      notes: [...notes, ...this.#notes()],
      noAnswers: this.#unanswerable > 0,
      questions: this.#questions,
      questionOf: this.#questionOf.filled,
      firstTokens: this.#firstTokens.filled,
    };
  }

  /** What only the softmax over the whole window has is `[CLS]`, the place of no answer. */
  get #passageOnly(): boolean {
    const { known, answerSoftmax } = this.#options;
    return (known?.answerSoftmax ?? answerSoftmax) === "passage";
  }

  /** Throws `InputError` that names the question. */
  #encode(tokenizer: Tokenizer, id: string, question: string, passage: EncodedPassage): EncodedQuestion {
    try {
      return encodeQuestion(tokenizer, question, passage, this.#windowOptions);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`${this.#name}, question ${id}: ${error.message}`);
    }
  }

  #encodePassage(tokenizer: Tokenizer, context: string): EncodedPassage {
    if (this.#passage?.context !== context) {
      this.#passage = { context, encoded: encodePassage(tokenizer, context) };
    }
    return this.#passage.encoded;
  }

  /** Whether the whole answer is in the window. */
  #addWindow(window: QuestionWindow, offsets: Int32Array, answer: Answer | undefined): boolean {
    const found = answer && answerPositions(window, offsets, answer.start, answer.start + answer.text.length);
    const passageOnly = this.#passageOnly;
    // A training window without an answer teaches nothing where `[CLS]` is no choice.
    if (!found && passageOnly && !this.#options.known) return false;
    this.#features.add(window.inputIds, window.firstLength);
    if (!this.#options.trainingOnly) {
      this.#questionOf.push(this.#count);
      this.#firstTokens.push(window.firstToken);
    }
    this.#labels.append(found ?? (passageOnly ? UNSUPERVISED : NO_ANSWER));
    return found !== undefined;
  }

  #notes(): string[] {
    const { maxSeqLength } = this.#windowOptions;
    const without = this.#options.known ? 0 : this.#without;
    const taken = this.#passageOnly ? "left out" : "learned as without an answer";
    return [
      ...(this.#split === 0
        ? []
        : [`${this.#split} with passages longer than ${maxSeqLength} tokens, read in overlapping windows`]),
      ...(without === 0 ? [] : [`${without} whose answer is in no window whole, ${taken}`]),
    ];
  }
}
