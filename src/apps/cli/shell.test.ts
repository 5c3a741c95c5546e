/** Command lines to copy into a shell. */
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { shellLine } from "../../util/shell-words.ts";
import { commandName, withCommandName } from "./shell.ts";

it("names the command as it was called", () => {
  expect(commandName({ npm_command: "exec" }, "/x/bin/bertwright.js")).toBe("npx --no-install bertwright");
  expect(commandName({}, "/usr/local/bin/bertwright")).toBe("bertwright");
  expect(commandName({}, resolve("bin/bertwright.js"))).toBe("node bin/bertwright.js");
  expect(commandName({}, "/elsewhere/bin/bertwright.js")).toBe("node /elsewhere/bin/bertwright.js");
});

it("quotes words so that a shell gives them back", () => {
  const words = ["plain", "a b", "it's", '"', "$HOME", "*", "", "ä/b.tsv", "\\", "x;y"];
  const line = shellLine(words);
  const script = `for word in ${line}; do printf '%s\\n' "$word"; done`;
  expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(`${words.join("\n")}\n`);
  expect(shellLine(["plain", "ä/b.tsv"])).toBe("plain ä/b.tsv");
});

it("says our commands in messages as they are typed", () => {
  const text = "Error of bertwright.\nInstall it: bertwright runtimes install openvino";
  expect(withCommandName(text, "npx bertwright")).toBe(
    "Error of bertwright.\nInstall it: npx bertwright runtimes install openvino",
  );
  expect(withCommandName("bertwright train --help", "node '/$&/b'")).toBe("node '/$&/b' train --help");
});
