/** Normalised text whose every unit (UTF-16) knows the part of the source that it came from. */
export class NormalizedText {
  text: string;
  /** Absent where each unit stands at its own place in the source. */
  readonly #starts: number[] | undefined;
  readonly #ends: number[] | undefined;

  /** Empty, to be appended to; or `unchanged`, as long as the source and nothing moved. */
  constructor(unchanged?: string) {
    this.text = unchanged ?? "";
    if (unchanged !== undefined) return;
    this.#starts = [];
    this.#ends = [];
  }

  /** Appends what became of the source's `[start, end)`. */
  append(form: string, start: number, end: number): void {
    this.text += form;
    for (let i = 0; i < form.length; i++) {
      this.#starts?.push(start);
      this.#ends?.push(end);
    }
  }

  /** Where the source of unit `i` starts. */
  startOf(i: number): number {
    return this.#starts ? this.#starts[i] : i;
  }

  /** Where the source of unit `i` ends. */
  endOf(i: number): number {
    return this.#ends ? this.#ends[i] : i + 1;
  }
}
