import { describe, expect, it } from "vitest";
import { findJsonFault } from "./json-fault.ts";

describe("findJsonFault", () => {
  it.each([
    ['{"a": x}', 6, "a value"],
    ['{"a" 1}', 5, '":"'],
    ['{"a": 1 "b": 2}', 8, '"," or a closing bracket'],
    ["[1, 2,]", 6, "a value"],
    ['{"a": 1,}', 8, "a name in quotes"],
    ["{a: 1}", 1, 'a name in quotes or "}"'],
    ["[1}", 2, '"," or a closing bracket'],
    ["{} {}", 3, "nothing more"],
    ['["a\nb"]', 3, "an escape such as \\n"],
    ['["\\x41"]', 2, "an escape that JSON knows"],
    ["[01]", 1, 'a value or "]"'],
    ["", 0, "a value"],
  ])("finds the fault of %j", (text, at, expected) => {
    expect(findJsonFault(text)).toEqual({ at, expected });
  });

  it("finds the end of a text that is cut anywhere", () => {
    const text = '{"a": [1, -2.5e3, true, null, {"b": "x\\n\\u00e9 y"}, []], "c": {}}';
    for (let length = 0; length < text.length; length++)
      expect(findJsonFault(text.slice(0, length)).at, text.slice(0, length)).toBe(
        text.slice(0, length).length,
      );
  });

  it("takes deep nesting and long strings", () => {
    expect(findJsonFault("[".repeat(200_000)).at).toBe(200_000);
    expect(findJsonFault(`["${"\\n".repeat(500_000)}`).at).toBe(1_000_002);
  });
});
