/** What a suite of `npm run torture` is. */

export interface SuiteContext {
  /** An empty folder for it alone, gone afterwards. */
  readonly folder: string;
  /** A fraction of the cases, for a look in seconds. */
  readonly quick: boolean;
  /** Decides what is left to chance. */
  readonly seed: number;
  /** Says a line. */
  readonly note: (line: string) => void;
}

export interface Suite {
  readonly about: string;
  /** Throws where a promise is broken, with what was promised, where, and what came. Returns how many cases held. */
  run(context: SuiteContext): Promise<number>;
}
