/** The page as a browser has it: nothing in a row becomes markup, cells lead to their rows, search and order work. */
import { Window } from "happy-dom";
import { beforeEach, describe, expect, it } from "vitest";
import { HOSTILE, HOSTILE_LABEL, hostileReport } from "../../../test/helpers/report.ts";
import { hashText } from "../../files/hash.ts";
import type { ReportData, Verdict } from "../report-data.ts";
import { reportPage } from "./page.ts";
import { pageScript } from "./script.ts";
import { headline } from "./verdict.ts";

const data = hostileReport();
const page = reportPage(data);

let document: Document;
beforeEach(() => {
  // Of the same DOM interfaces; its types are its own.
  document = new Window({ url: "about:blank" }).document as unknown as Document;
  document.write(page);
  // As the browser runs it: the functions from their own source, with nothing else in scope.
  new Function("document", pageScript())(document);
});

const field = (id: string) => document.getElementById(id) as HTMLInputElement;
const rows = () => [...document.querySelectorAll("#rows-body tr")];
const status = () => document.getElementById("rows-status")?.textContent;
const cell = (name: string) => document.querySelector<HTMLElement>(`button[aria-label^='${name}']`)!;

function set(id: string, value: string, event: "input" | "change"): void {
  field(id).value = value;
  field(id).dispatchEvent(new document.defaultView!.Event(event, { bubbles: true }));
}

describe("hostile texts", () => {
  it("make no element", () => {
    expect(document.querySelectorAll("img, iframe, object, a[href^='javascript']")).toHaveLength(0);
    expect(document.querySelectorAll("script")).toHaveLength(2);
    expect(page).not.toContain("<img");
  });

  it("are shown as they are", () => {
    expect(rows()[0].textContent).toContain(HOSTILE);
    expect(document.querySelector(".matrix thead")?.textContent).toContain(HOSTILE_LABEL);
    expect(document.querySelector("#command")?.textContent).toContain(HOSTILE);
    expect(document.querySelector("header")?.textContent).toContain(HOSTILE);
  });
});

describe("the file", () => {
  it("allows its own style and script alone", () => {
    const policy = document.querySelector("meta[http-equiv]")?.getAttribute("content") ?? "";
    const [style] = document.querySelectorAll("style");
    const script = [...document.querySelectorAll("script")].at(-1);
    expect(policy.split("; ").sort()).toEqual([
      "base-uri 'none'",
      "default-src 'none'",
      "form-action 'none'",
      `script-src 'sha256-${hashText(script?.textContent ?? "", "base64")}'`,
      `style-src 'sha256-${hashText(style.textContent ?? "", "base64")}'`,
    ]);
  });

  it("asks for nothing else", () => {
    expect(page).not.toMatch(/\b(src|href)="(?!#)|@import|url\(/);
    expect(document.querySelectorAll("[style], [onclick], link")).toHaveLength(0);
  });

  it("has a name for every control, figure and table, and headings without a gap", () => {
    for (const control of document.querySelectorAll("input, select")) {
      expect(control.closest("label")?.textContent?.trim(), control.id).toBeTruthy();
    }
    for (const drawing of document.querySelectorAll("svg")) {
      expect(drawing.getAttribute("role")).toBe("img");
      expect(drawing.getAttribute("aria-label")?.length).toBeGreaterThan(10);
    }
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const link of document.querySelectorAll("a"))
      expect(ids).toContain(link.getAttribute("href")?.slice(1));
    const levels = [...document.querySelectorAll("h1, h2, h3")].map(({ tagName }) => Number(tagName[1]));
    levels.forEach((level, i) => {
      expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1);
    });
  });
});

describe("the rows", () => {
  it("are the mistakes at first, the worst before the others", () => {
    expect(rows()).toHaveLength(20);
    expect(status()).toBe("20 rows.");
    expect(rows()[0].textContent).toContain("number 57");
    expect(field("wrong").checked).toBe(true);
  });

  it("are those of a cell that is clicked", () => {
    cell("plain, predicted plain").click();
    expect(status()).toBe("20 rows of plain, right.");
    expect(rows().every((row) => row.querySelector(".yes"))).toBe(true);
    expect(cell("plain, predicted plain").getAttribute("aria-pressed")).toBe("true");
    expect(document.activeElement?.id).toBe("rows-heading");
    expect(field("wrong").checked).toBe(false);
    expect(field("group").value).toBe(cell("plain, predicted plain").dataset.group);
  });

  it("are found by any of their words, upper case or not", () => {
    set("search", "NUMBER 5", "input");
    expect(rows().map((row) => /number \d+/.exec(row.textContent ?? "")?.[0])).toEqual([
      "number 57",
      "number 54",
      "number 51",
    ]);
    set("search", "nowhere", "input");
    expect([rows().length, status()]).toEqual([0, "0 rows."]);
  });

  it("come in the order that was asked for", () => {
    const first = () => rows()[0].textContent;
    set("order", "unsure", "change");
    expect(first()).toContain("number 0");
    set("order", "sure", "change");
    expect(first()).toContain("number 57");
    set("order", "file", "change");
    expect(
      rows()
        .map((row) => row.querySelector(".where")?.textContent)
        .slice(0, 3),
    ).toEqual(["dev.tsv:1", "dev.tsv:4", "dev.tsv:7"]);
  });

  it("are shown in portions", () => {
    field("wrong").click();
    set("group", "-1", "change");
    expect([rows().length, status()]).toEqual([50, "60 rows, the first 50 shown."]);
    field("more").click();
    expect([rows().length, field("more").hidden]).toEqual([60, true]);
  });
});

describe("the headline", () => {
  const verdict = (change: Partial<Verdict>): ReportData => ({
    ...data,
    verdict: { ...data.verdict!, ...change },
  });

  it.each([
    ["Better than guessing", { value: 0.7, difference: { low: 0.1, high: 0.3, level: 0.95 } }],
    ["Not told apart from guessing", { value: 0.6, difference: { low: -0.1, high: 0.3, level: 0.95 } }],
    ["Worse than guessing", { value: 0.4, difference: { low: -0.2, high: -0.05, level: 0.95 } }],
    ["Better than guessing", { value: 0.51, difference: undefined }],
    ["Not told apart from guessing", { value: 0.5, difference: undefined }],
    ["Better than guessing", { value: 0.1, difference: undefined, greaterIsBetter: false }],
  ] as [string, Partial<Verdict>][])("is %s", (words, change) => {
    expect(headline(verdict(change))).toContain(words);
  });

  it("promises nothing where nothing was measured", () => {
    expect(headline({ ...data, verdict: undefined })).toBe("How good it is was not measured");
    const running: ReportData = {
      ...data,
      verdict: undefined,
      state: { name: "running", step: 3, epoch: 0.1 },
    };
    expect(headline(running)).toBe("Training has begun");
  });
});

it("a run at its beginning is a page too", () => {
  const { task, model, folder } = data;
  const early = reportPage({
    ...{ task, model, folder, steps: [], evaluations: [], options: [], facts: [] },
    state: { name: "running", step: 0, epoch: 0 },
  });
  const shown = early.slice(0, early.indexOf("<script>"));
  expect(shown).not.toMatch(/NaN|undefined|Infinity/);
  expect(shown).toContain("Training has begun");
});
