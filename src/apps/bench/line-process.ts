/** A program that stays alive and answers one line of JSON for each that it is sent. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { InputError } from "../../util/errors.ts";

const KEPT_ERROR_CHARACTERS = 4000;

export interface LineProgram {
  file: string;
  args: readonly string[];
  /** For messages: the option that named the program, and what it should have. */
  option: string;
  advice: string;
}

export class LineProcess {
  readonly #program: LineProgram;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  readonly #end: Promise<string>;
  #stderr = "";

  constructor(program: LineProgram) {
    this.#program = program;
    this.#child = spawn(program.file, program.args, { stdio: "pipe" });
    this.#end = new Promise((resolve) => {
      this.#child.on("error", ({ message }) => {
        this.#reader.close();
        resolve(message);
      });
      // Not "exit": its last words may come after that.
      this.#child.on("close", (code, signal) => {
        resolve(lastLine(this.#stderr) ?? `it ended, ${signal ?? `exit status ${code}`}`);
      });
    });
    this.#child.stdin?.on("error", () => {}); // it has ended: the missing answer tells
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_ERROR_CHARACTERS);
    });
    this.#reader = createInterface({ input: this.#child.stdout! });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** Throws `InputError` where the program cannot be started, ends, or answers with an `error`. */
  async ask<Reply extends object>(request: object): Promise<Reply> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw this.#failure(await this.#end);
    const reply = JSON.parse(value) as Reply & { error?: string };
    if (reply.error !== undefined) throw this.#failure(reply.error);
    return reply;
  }

  #failure(reason: string): InputError {
    const { option, advice } = this.#program;
    return new InputError(`${option}: ${reason}\n${advice}`);
  }

  close(): void {
    this.#child.stdin?.end();
    this.#child.kill();
    this.#reader.close();
  }
}

function lastLine(text: string): string | undefined {
  return text.trim().split("\n").at(-1) || undefined;
}
