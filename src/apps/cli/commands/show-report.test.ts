/** `show-report`: the path is printed, and the file opened where there is a desktop. */
import { describe, expect, it } from "vitest";
import { fakeHost, run } from "../../../../test/cli/fake-host.ts";
import { InputError } from "../../../util/errors.ts";
import { openerOf, openFile } from "../open-file.ts";

it("opens the report and prints where it is", async () => {
  const { status, stdout, calls } = await run(["show-report", "models/mine"]);
  expect([status, stdout]).toEqual([0, "models/mine/report.html\n"]);
  expect(calls.openFile).toEqual(["models/mine/report.html"]);
});

it("prints the path where nothing can be opened", async () => {
  const { status, stdout } = await run(["show-report", "m"], fakeHost({}, { openFile: async () => false }));
  expect([status, stdout]).toEqual([0, "m/report.html\n"]);
});

it("opens nothing for a program that reads JSON", async () => {
  const { stdout, calls } = await run(["show-report", "m", "--json"]);
  expect(JSON.parse(stdout)).toEqual({ report: "m/report.html" });
  expect(calls.openFile).toEqual([]);
});

it("says what is wrong with a folder", async () => {
  const obtainReport = async () => {
    throw new InputError("m: run.json is missing.\nCheck the folder.");
  };
  const failed = await run(["show-report", "m"], fakeHost({ obtainReport }));
  expect([failed.status, failed.stdout]).toEqual([1, ""]);
  expect(failed.stderr).toContain("run.json is missing");
  expect((await run(["show-report"])).status).toBe(2);
  expect((await run(["show-report", " "])).status).toBe(2);
  expect((await run(["show-report", "a", "b"])).status).toBe(2);
});

describe("the program that opens a file", () => {
  it.each([
    ["linux", { DISPLAY: ":0" }, ["xdg-open", "r"]],
    ["linux", { WAYLAND_DISPLAY: "wayland-0" }, ["xdg-open", "r"]],
    ["linux", {}, undefined],
    ["linux", { DISPLAY: "" }, undefined],
    ["linux", { DISPLAY: ":0", CI: "true" }, undefined],
    ["darwin", {}, ["open", "r"]],
    ["darwin", { SSH_CONNECTION: "1.2.3.4" }, undefined],
    ["win32", {}, ["cmd", "/c", "start", "", "r"]],
  ] as const)("on %s with %o is %o", (platform, env, expected) => {
    expect(openerOf("r", { platform, env })).toEqual(expected);
  });

  it("may be missing", async () => {
    expect(await openFile("r", { platform: "linux", env: {} })).toBe(false);
  });
});
