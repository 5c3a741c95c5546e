/** The command that repeats a run, from the options that run.json has. */

import type { ResolvedOptions } from "../training/resolve-options.ts";
import { shellLine } from "../util/shell-words.ts";

/** Undefined where the training rows came from a program, as no command has them. */
export function commandOf(options: ResolvedOptions, folder: string): string | undefined {
  if (typeof options.train?.value !== "string") return undefined;
  const said = Object.entries(options).filter(([, { origin }]) => origin === "given" || origin === "file");
  const words = said.flatMap(([name, { value }]) => flagOf(name, value));
  return shellLine(["bertwright", "train", ...words, "--output", `${folder.replace(/[\\/]+$/, "")}-again`]);
}

/** `numTrainEpochs` is `--num-train-epochs`; a switch has no value. */
function flagOf(name: string, value: unknown): string[] {
  const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  if (name === "greaterIsBetter") return [`--${flag}`, String(value)];
  if (value === true) return [`--${flag}`];
  if (value === false) return name === "header" ? ["--no-header"] : [];
  return [`--${flag}`, typeof value === "object" ? JSON.stringify(value) : String(value)];
}
