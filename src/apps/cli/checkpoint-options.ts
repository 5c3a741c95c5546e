/** Options of `train` about a run that stops and goes on, and what is said when Ctrl-C has stopped one. */
import { Option } from "commander";
import { shellLine } from "../../util/shell-words.ts";
import type { Host } from "./host.ts";
import { Interruption } from "./interrupts.ts";
import type { TrainingEvent } from "./library.ts";
import { choiceOption, numberOption } from "./option-kinds.ts";

const COUNT = { whole: true, from: 1, to: 1_000_000_000 };

export function checkpointOptions(): Option[] {
  return [
    new Option(
      "--resume [checkpoint]",
      "go on with the run in --output where it stopped, or with this checkpoint (a folder)",
    ),
    new Option(
      "--allow-drift",
      "with --resume: on another version, runtime, machine, with other options or data as well; bits then differ",
    ),
    numberOption("--save-steps <n>", COUNT, "steps from one checkpoint to the next (default: an evaluation)"),
    numberOption("--save-total-limit <n>", COUNT, "checkpoints that are kept (default: 1, the last)"),
    choiceOption(
      "--save-strategy <when>",
      ["steps", "no"],
      "no: no checkpoints, a run that is stopped is lost (default: steps)",
    ),
  ];
}

/** Follows a run's saves, so that after Ctrl-C the way on can be told. */
export class StopNotes {
  readonly #host: Host;
  #saved: Extract<TrainingEvent, { type: "checkpoint" | "resumed" }> | undefined;
  /** Whether the run was done before, and nothing had to be. */
  wasDone = false;

  constructor(host: Host) {
    this.#host = host;
  }

  note(event: TrainingEvent): void {
    if (event.type === "finished") this.wasDone = true;
    if (event.type === "saving") this.#host.hold(true);
    // After Ctrl-C the end is near, and what is left of the save is not cut off either.
    if (event.type === "checkpoint" || event.type === "saved") this.#host.hold(this.#host.signal.aborted);
    if (event.type === "checkpoint" || event.type === "resumed") this.#saved = event;
  }

  /** The error to throw in place of `error`, with which the run `argv` ended. */
  explain(error: unknown, argv: readonly string[]): unknown {
    const { signal, commandName } = this.#host;
    if (!(error instanceof Interruption) || error !== signal.reason || !this.#saved) return error;
    const { step, type } = this.#saved;
    // Where nothing was added, what the run began with is where it was.
    const again = type === "resumed" ? argv : resuming(argv);
    error.message = `Interrupted; step ${step} and all before it are saved. To go on:\n${commandName} ${shellLine(again)}`;
    return error;
  }
}

/** The same command line, to go on from the last checkpoint. */
function resuming(argv: readonly string[]): string[] {
  const rest: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    if (argv[i] === "--overwrite" || argv[i].startsWith("--resume=")) continue;
    if (argv[i] !== "--resume") rest.push(argv[i]);
    else if (argv[i + 1]?.startsWith("-") === false) i++;
  }
  return [...rest, "--resume"];
}
