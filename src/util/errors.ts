/** Errors that a caller acts on. Everything else is a plain `Error`, `TypeError` or `RangeError`. */

/**
 * Something that the user gave cannot be used: a file, a row, a folder, a setting.
 * The message has at most three lines: what and where (file and line, or option), then what to do.
 * The command prints it without a stack and exits with 1.
 */
export class InputError extends Error {
  override name = "InputError";
}

/** A loss, a gradient, a weight or a moment is not a finite number: the run that made it stops, and nothing is saved of it. */
export class NonFiniteError extends InputError {
  override name = "NonFiniteError";
}

/** The command line itself is wrong: an unknown option, a value out of range. The command exits with 2. */
export class UsageError extends InputError {
  override name = "UsageError";
  readonly #options: readonly string[];

  /** `options`: the library's names of options in the message, such as `docStride`. */
  constructor(message: string, options: readonly string[] = []) {
    super(message);
    this.#options = options;
  }

  /** The command says its flags in their place. */
  get options(): readonly string[] {
    return this.#options;
  }
}

/** The name among `known` that `given` was probably meant to be, by edit distance; undefined where none is near. */
export function nearMiss(given: string, known: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(given.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const name of known) {
    const distance = editDistance(given.toLowerCase(), name.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** Edit distance (optimal string alignment): an insertion, deletion, substitution or swap of neighbours costs 1. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? before[j - 2] + 1 : substitution;
      current.push(Math.min(previous[j] + 1, current[j - 1] + 1, substitution, swap));
    }
    [before, previous] = [previous, current];
  }
  return previous[b.length];
}
