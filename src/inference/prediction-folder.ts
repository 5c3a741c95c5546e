/** The answers of an evaluation as files that the official SQuAD scripts score. */
import { writeFilesAtomic } from "../files/atomic.ts";
import { checkOutput, type OutputOptions, prepareOutput, removeOutdated } from "../files/output-folder.ts";
import type { Answers } from "../tasks/question-answering/answers.ts";
import { PredictionFiles, type PredictionText } from "../tasks/question-answering/prediction-files.ts";
import type { QuestionAnswering, QuestionData } from "../tasks/question-answering/task.ts";
import type { Task } from "../tasks/task.ts";
import { UsageError } from "../util/errors.ts";

const NAMES = ["predictions.json", "nbest_predictions.json", "null_odds.json"] as const;

export class PredictionFolder {
  readonly #folder: string;
  readonly #options: OutputOptions;
  #ids: readonly string[] = [];
  /** By question: evaluation ends them by length, the files have them in the order of the data. */
  readonly #answers: Answers[] = [];

  private constructor(folder: string, options: OutputOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** Checks the folder before the work, and makes none. Throws `UsageError` for a task without such files. */
  static async open(
    folder: string,
    task: Task,
    { overwrite = false }: { overwrite?: boolean },
  ): Promise<PredictionFolder> {
    if (task.tag !== "question-answering") {
      throw new UsageError(`--output: evaluate writes answers to questions; for ${task.tag} use predict.`);
    }
    const output: OutputOptions = { overwrite, files: NAMES, marks: NAMES, what: "prediction file" };
    await checkOutput(folder, output);
    return new PredictionFolder(folder, output);
  }

  /** The task, with its evaluation's answers kept for the files. */
  collecting(task: Task): Task {
    const answering = task as QuestionAnswering;
    return {
      ...task,
      evaluation: (data) => {
        const { questions } = data as QuestionData;
        this.#ids = questions.map(({ id }) => id);
        return answering.evaluation(data as QuestionData, (question, answers) => {
          this.#answers[question] = answers;
        });
      },
    };
  }

  async write(): Promise<void> {
    await prepareOutput(this.#folder, this.#options);
    const files = new PredictionFiles();
    const parts: PredictionText[] = this.#ids.map((id, i) => files.add(id, this.#answers[i]));
    parts.push(files.finish());
    const all = NAMES.map((name) => ({ name, content: parts.map((part) => part[name]).join("") }));
    const written = all.filter(({ content }) => content !== "");
    await writeFilesAtomic(this.#folder, written);
    // null_odds.json of other answers, which were replaced.
    const outdated = all.filter(({ content }) => content === "");
    await removeOutdated(
      this.#folder,
      outdated.map(({ name }) => name),
    );
  }
}
