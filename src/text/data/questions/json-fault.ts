/** Where text stops being JSON (RFC 8259): Node's own message has the place only sometimes, and never the line. */

export interface JsonFault {
  /** UTF-16 offset; the length of the text where it is cut off. */
  at: number;
  expected: string;
}

type Due = "value" | "value or ]" | "key" | "key or }" | ":" | ", or the end" | "end";

const IN_WORDS: Record<Due, string> = {
  value: "a value",
  "value or ]": 'a value or "]"',
  key: "a name in quotes",
  "key or }": 'a name in quotes or "}"',
  ":": '":"',
  ", or the end": '"," or a closing bracket',
  end: "nothing more",
};

const BLANKS = /[ \n\r\t]*/y;
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
/** What a literal or number that the end of the text cuts off looks like. */
const CUT_SCALAR = /-?[\w.+-]{0,30}$/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** For a text that `JSON.parse` refused. */
export function findJsonFault(text: string): JsonFault {
  const open: ("{" | "[")[] = [];
  let due: Due = "value";
  let at = 0;
  for (;;) {
    at = endOf(BLANKS, text, at) ?? at;
    const next = takeToken(text, at, due, open);
    if (!Array.isArray(next)) return next;
    [at, due] = next;
  }
}

type Next = [at: number, due: Due] | JsonFault;

/** The place after the token and what is due there, or the fault. `open` are the brackets around it. */
function takeToken(text: string, at: number, due: Due, open: ("{" | "[")[]): Next {
  const sign = text.charAt(at);
  const fault = { at, expected: IN_WORDS[due] };
  if (sign === ":") return due === ":" ? [at + 1, "value"] : fault;
  if (sign === ",") return due === ", or the end" ? [at + 1, open.at(-1) === "{" ? "key" : "value"] : fault;
  if (sign === "}" || sign === "]") {
    const closes = due === ", or the end" || due === (sign === "}" ? "key or }" : "value or ]");
    if (!closes || open.at(-1) !== (sign === "}" ? "{" : "[")) return fault;
    open.pop();
    return [at + 1, dueAfter(open)];
  }
  if (due.startsWith("key")) return sign === '"' ? takeString(text, at, ":") : fault;
  return due.startsWith("value") ? takeValue(text, at, open, fault) : fault;
}

function takeValue(text: string, at: number, open: ("{" | "[")[], fault: JsonFault): Next {
  const sign = text.charAt(at);
  if (sign === "{" || sign === "[") {
    open.push(sign);
    return [at + 1, sign === "{" ? "key or }" : "value or ]"];
  }
  if (sign === '"') return takeString(text, at, dueAfter(open));
  const end = endOf(SCALAR, text, at);
  if (end !== undefined) return [end, dueAfter(open)];
  return endOf(CUT_SCALAR, text, at) === undefined ? fault : { ...fault, at: text.length };
}

function takeString(text: string, at: number, due: Due): Next {
  for (let i = at + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x22) return [i + 1, due];
    if (code < 0x20) return { at: i, expected: "an escape such as \\n" };
    if (code !== 0x5c) continue;
    const end = endOf(ESCAPE, text, i);
    if (end === undefined && i + 6 <= text.length) return { at: i, expected: "an escape that JSON knows" };
    i = (end ?? text.length) - 1;
  }
  return { at: text.length, expected: "a closing quote" };
}

function dueAfter(open: readonly string[]): Due {
  return open.length === 0 ? "end" : ", or the end";
}

/** The end of a sticky pattern's match, or undefined. */
function endOf(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
