/** Writes results to a stream no faster than its reader takes them, and notices when the reader is gone. */
import type { Writable } from "node:stream";
import { InputError } from "../../util/errors.ts";

/** The reader has gone (`| head`): stop quietly, what it wanted it has. */
export class ReaderGone extends Error {}

export class LineWriter {
  readonly #stream: Writable;
  readonly #name: string;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  /** `name` is for messages: the file, or "standard output". */
  constructor(stream: Writable, name: string) {
    this.#stream = stream;
    this.#name = name;
    stream.on("error", (error) => {
      this.#failure = error;
      this.#wake?.();
    });
    stream.on("drain", () => this.#wake?.());
  }

  /** Resolves when the stream takes more. Throws `ReaderGone`, or `InputError` for a full disk. */
  async write(text: string): Promise<void> {
    this.#check();
    if (!this.#stream.write(text)) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#check();
  }

  /** Resolves when everything has been handed over. */
  async flush(): Promise<void> {
    this.#check();
    await new Promise<void>((resolve) => {
      this.#stream.write("", (error) => {
        this.#failure ??= error ?? undefined;
        resolve();
      });
    });
    this.#check();
  }

  /** Ends the stream; resolves when its file is on the disk and closed. */
  async end(): Promise<void> {
    await this.flush();
    await new Promise<void>((resolve) => this.#stream.once("close", resolve).end());
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#translate(this.#failure);
  }

  #translate(error: Error): Error {
    const code = "code" in error ? String(error.code) : "";
    if (code === "EPIPE" || code === "ERR_STREAM_DESTROYED") return new ReaderGone();
    const message = REFUSALS[code];
    return message === undefined ? error : new InputError(`${this.#name}: ${message}`);
  }
}

const ELSEWHERE = "Change its permissions or choose another place.";

const REFUSALS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full.\nFree some space or choose another place.",
  EDQUOT: "the disk is full.\nFree some space or choose another place.",
  ENOENT: "no such folder.\nMake the folder first.",
  ENOTDIR: "a part of this path is a file, not a folder.\nCheck the spelling.",
  EACCES: `permission denied.\n${ELSEWHERE}`,
  EPERM: `permission denied.\n${ELSEWHERE}`,
  EROFS: "this disk is read-only.\nChoose another place.",
};
