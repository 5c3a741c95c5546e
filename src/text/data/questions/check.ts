/** Rows of a question file to examples: ids are unique, texts are not blank, answers are where they are said to be. */
import { InputError } from "../../../util/errors.ts";
import { oneLine, show } from "../show.ts";
import { locate } from "./locate.ts";
import type {
  Answer,
  OffsetUnit,
  QuestionExample,
  QuestionProblem,
  QuestionReadOptions,
  RawAnswer,
  RawQuestion,
} from "./question.ts";

/** Rows named in a message by their ids. */
const IDS_SHOWN = 5;

export interface CheckOptions extends Pick<QuestionReadOptions, "fixAnswerOffsets" | "needs"> {
  offsets: OffsetUnit;
  /** Whether a row that does not say `is_impossible` may say it by an empty list of answers. */
  emptyIsImpossible: boolean;
}

/**
 * Takes rows in their order. At once it refuses: blank texts, and where answers are required an id that was there
 * before, answers of another form, no answers, answers of a question that is said to have none. Counted until
 * `finish`: answers that are elsewhere, or nowhere in the passage.
 */
export class QuestionChecker {
  readonly problems: QuestionProblem[] = [];
  readonly #name: string;
  readonly #options: CheckOptions;
  /** By id. Empty where answers are optional: rows to predict may be more than memory holds. */
  readonly #lines = new Map<string, number>();
  #rows = 0;
  readonly #nowhere: Misplaced[] = [];
  readonly #elsewhere: Misplaced[] = [];

  constructor(name: string, options: CheckOptions) {
    this.#name = name;
    this.#options = options;
  }

  check(raw: RawQuestion): QuestionExample {
    const { id, question, context, line } = raw;
    this.#rows++;
    if (this.#isRequired) this.#checkId(raw);
    for (const [what, text] of Object.entries({ question, passage: context })) {
      if (text.trim() === "")
        throw new InputError(`${raw.place}: the ${what} is empty.\nCorrect the row or leave it out.`);
    }
    const fault = this.#fault(raw);
    if (fault !== undefined) this.#refuse(raw, fault);
    const answers = fault === undefined ? this.#answers(raw) : [];
    const saysEmpty =
      this.#options.emptyIsImpossible && Array.isArray(raw.answers) && raw.answers.length === 0;
    const isImpossible = fault === undefined && (raw.isImpossible ?? saysEmpty);
    return { id, question, context, answers, isImpossible, line };
  }

  /** Throws `InputError` for a file without questions and for answers that are not where they should be. */
  finish(): void {
    if (this.#rows === 0) throw new InputError(`${this.#name} has no questions.`);
    const [nowhere, elsewhere] = [this.#nowhere, this.#elsewhere];
    const correct = (them: string) => `Correct ${them}, as the passage writes ${them}, or leave ${them} out.`;
    if (nowhere.length > 0) throw misplacedError(nowhere, correct);
    if (elsewhere.length > 0)
      throw misplacedError(elsewhere, (them) => `--fix-answer-offsets moves ${them}.`);
  }

  #checkId({ id, line, place }: RawQuestion): void {
    const before = this.#lines.get(id);
    if (before !== undefined) {
      throw new InputError(
        `${place}: two questions have the id ${show(id)}, numbers ${before} and ${line}.\nGive each its own.`,
      );
    }
    this.#lines.set(id, line);
  }

  /** What is wrong with the row's answers as a whole. */
  #fault({ answers, isImpossible }: RawQuestion): string | undefined {
    if (answers === undefined) return this.#isRequired && !isImpossible ? "there are no answers" : undefined;
    if (!Array.isArray(answers)) return answers.problem;
    if (answers.length > 0) return isImpossible ? "is_impossible is true, but there are answers" : undefined;
    if (isImpossible || !this.#isRequired) return undefined;
    if (isImpossible === false) return "is_impossible is false, but there are no answers";
    return this.#options.emptyIsImpossible
      ? undefined
      : "there are no answers, and is_impossible is not there";
  }

  get #isRequired(): boolean {
    return this.#options.needs.answers === "required";
  }

  #refuse(raw: RawQuestion, fault: string): void {
    if (this.#isRequired) throw new InputError(`${raw.place}: ${fault}.\nCorrect the row or leave it out.`);
    this.#note(raw, "dropped", `${raw.place}: ${fault}`);
  }

  #note({ line, id }: RawQuestion, kind: QuestionProblem["kind"], reason: string): void {
    this.problems.push({ line, id, kind, reason });
  }

  #answers(raw: RawQuestion): Answer[] {
    const found = Array.isArray(raw.answers) ? raw.answers : [];
    return found.flatMap((answer) => this.#place(raw, answer) ?? []);
  }

  #place(raw: RawQuestion, answer: RawAnswer): Answer | undefined {
    const { text, offset } = answer;
    const place = locate(raw.context, answer, this.#options.offsets);
    if (place === undefined) {
      const reason = `${raw.place}: ${show(text)} is nowhere in the passage`;
      if (this.#isRequired) this.#nowhere.push({ id: raw.id, reason });
      else this.#note(raw, "dropped", reason);
      return undefined;
    }
    if (place.correct !== undefined) {
      const reason = `${raw.place}: ${show(text)} is at ${place.correct}, the file says ${offset}`;
      if (this.#isRequired && !this.#options.fixAnswerOffsets) this.#elsewhere.push({ id: raw.id, reason });
      else this.#note(raw, "moved", reason);
    }
    return { text, start: place.start };
  }
}

interface Misplaced {
  id: string;
  reason: string;
}

/** The first in full, the questions of the others by their ids. `advice` is given "it" or "them". */
function misplacedError(misplaced: readonly Misplaced[], advice: (them: string) => string): InputError {
  const ids = [...new Set(misplaced.map(({ id }) => id))];
  const more = ids.length > IDS_SHOWN ? ` and ${ids.length - IDS_SHOWN} more` : "";
  const listed = `${ids.slice(0, IDS_SHOWN).map(oneLine).join(", ")}${more}`;
  const count = misplaced.length === 1 ? "" : `; ${misplaced.length} such, of the questions ${listed}`;
  return new InputError(`${misplaced[0].reason}${count}.\n${advice(misplaced.length === 1 ? "it" : "them")}`);
}
