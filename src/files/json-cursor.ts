/**
 * A strict walk over JSON text (RFC 8259) for headers of untrusted files. Unlike `JSON.parse` it hands out one entry
 * at a time, so limits act before memory is spent; it sees duplicate keys; integers stay exact or are refused; and an
 * error always has its place.
 */

/** As serde_json, which the reference reader of safetensors uses. Ours descends only into fields that it skips. */
const MAX_DEPTH = 120;

export class JsonCursor {
  private position = 0;
  private readonly text: string;
  private readonly fail: (problem: string, offset: number) => Error;

  /** `fail` makes the error to throw from what is wrong and where in `text`. */
  constructor(text: string, fail: (problem: string, offset: number) => Error) {
    this.text = text;
    this.fail = fail;
  }

  /** An error about the place that the cursor has reached. */
  error(problem: string): Error {
    return this.fail(problem, this.position);
  }

  /** Calls `onEntry` with each key of an object; it must consume the value. A key that comes twice is an error. */
  object(onEntry: (key: string) => void): void {
    const keys = new Set<string>();
    this.list("{", "}", () => {
      const key = this.string();
      if (keys.has(key)) throw this.error(`the key "${key.slice(0, 80)}" comes twice`);
      keys.add(key);
      this.expect(":");
      onEntry(key);
    });
  }

  /** Calls `onItem` before each item of an array; it must consume the item. */
  array(onItem: () => void): void {
    this.list("[", "]", onItem);
  }

  string(): string {
    if (!this.accept('"')) throw this.unexpected("a text in quotes");
    const start = this.position;
    let escaped = false;
    for (;;) {
      const code = this.text.charCodeAt(this.position);
      if (code === 0x22) break;
      if (!(code >= 0x20)) throw this.error("a text is not closed or holds a control character"); // NaN: the end
      if (code === 0x5c) {
        escaped = true;
        this.position++;
      }
      this.position++;
    }
    const raw = this.text.slice(start, this.position++);
    return escaped ? this.unescape(raw) : raw;
  }

  /** A whole number from 0 to 2^53 - 1, written without sign, point or exponent. */
  integer(): number {
    const token = this.token();
    const value = /^(0|[1-9]\d*)$/.test(token) ? Number(token) : Number.NaN;
    if (!Number.isSafeInteger(value))
      throw this.error(`"${token.slice(0, 40)}" where a whole number below 2^53 is due`);
    return value;
  }

  /** Steps over "null" if it comes next. */
  skipNull(): boolean {
    this.blanks();
    if (!this.text.startsWith("null", this.position)) return false;
    this.position += 4;
    return true;
  }

  /** Steps over a value of any kind. */
  skip(depth = 0): void {
    if (depth > MAX_DEPTH) throw this.error("values lie too deep in each other");
    const next = this.peek();
    if (next === "{") this.object(() => this.skip(depth + 1));
    else if (next === "[") this.array(() => this.skip(depth + 1));
    else if (next === '"') this.string();
    else {
      const token = this.token();
      if (token === "") throw this.unexpected("a value");
      if (!/^(true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?)$/.test(token)) {
        throw this.error(`"${token.slice(0, 40)}" where a value is due`);
      }
    }
  }

  /** Only blanks may follow. */
  end(): void {
    this.blanks();
    if (this.position < this.text.length) throw this.error("more text after the end");
  }

  private list(open: string, close: string, onItem: () => void): void {
    this.expect(open);
    if (this.accept(close)) return;
    do onItem();
    while (this.accept(","));
    if (!this.accept(close)) throw this.unexpected(`"," or "${close}"`);
  }

  private unescape(raw: string): string {
    try {
      const value: unknown = JSON.parse(`"${raw}"`);
      // Half a surrogate pair has no UTF-8 form.
      if (typeof value === "string" && !/\p{Surrogate}/u.test(value)) return value;
    } catch {
      // Told below.
    }
    throw this.error("a text has an escape that JSON does not know");
  }

  /** What stands up to the next blank or sign. */
  private token(): string {
    this.blanks();
    const start = this.position;
    while (/[\w.+-]/.test(this.text.charAt(this.position))) this.position++;
    return this.text.slice(start, this.position);
  }

  private peek(): string {
    this.blanks();
    return this.text.charAt(this.position);
  }

  private accept(sign: string): boolean {
    if (this.peek() !== sign) return false;
    this.position++;
    return true;
  }

  private expect(sign: string): void {
    if (!this.accept(sign)) throw this.unexpected(`"${sign}"`);
  }

  private unexpected(due: string): Error {
    const found = this.text.charAt(this.position);
    return this.error(`${found ? JSON.stringify(found) : "the end"} where ${due} is due`);
  }

  private blanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.position);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.position++;
    }
  }
}
