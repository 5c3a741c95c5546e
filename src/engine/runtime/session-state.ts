/** Whether a session is free, in a run or disposed of: the same rules for every runtime. */

export class SessionState {
  readonly #release: () => void;
  #run: { readonly held: unknown } | undefined;
  #disposed = false;

  /** `release` frees the native session, once, when nothing runs. */
  constructor(release: () => void) {
    this.#release = release;
  }

  /** Throws where `method` cannot be called now. */
  checkIdle(method: string): void {
    if (this.#disposed) throw new Error(`${method}: the session is disposed`);
    if (this.#run) throw new Error(`${method}: a run of this session is under way`);
  }

  /** `held` is what native code points into: it is reachable from here until the run ends, and the stack holds nothing. */
  begin(held?: unknown): void {
    this.#run = { held };
  }

  end(): void {
    this.#run = undefined;
    if (this.#disposed) this.#release();
  }

  /** Frees the session; a run that is under way ends first. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    if (!this.#run) this.#release();
  }
}
