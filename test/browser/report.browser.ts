/** The report in a real browser: cells, search and order by mouse and by keys, on narrow screens, in light and dark. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportPage } from "../../src/report/page/page.ts";
import { HOSTILE, hostileReport } from "../helpers/report.ts";
import { launchChromium } from "./chromium.ts";
import { faintTexts } from "./contrast.ts";

let browser: Browser;
let folder: string;
let url: string;
/** Whatever a page says or asks for that it should not. */
const problems: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bertwright-browser-"));
  const file = join(folder, "report.html");
  writeFileSync(file, reportPage(hostileReport()));
  url = pathToFileURL(file).href;
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

async function open(colorScheme: "light" | "dark" = "light", width = 1100): Promise<Page> {
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
  page.on("console", (message) => problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => problems.push(dialog.message()));
  page.on("request", (request) => {
    if (request.url() !== url) problems.push(request.url());
  });
  await page.goto(url);
  return page;
}

const status = (page: Page) => page.textContent("#rows-status");
const CELL = 'button[aria-label^="plain, predicted plain"]';

describe("the report", () => {
  it("shows hostile texts as texts, asks for nothing and says nothing", async () => {
    const page = await open();
    expect(await page.title()).toContain("Better than guessing: accuracy 0.6667");
    expect(await page.textContent("#rows-body .words")).toContain(HOSTILE);
    expect(await page.locator("img").count()).toBe(0);
    expect(problems).toEqual([]);
  });

  it("runs no script that it did not come with", async () => {
    const page = await open();
    await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "document.title = 'hacked'";
      document.body.append(script);
    });
    expect(await page.title()).not.toBe("hacked");
    expect(problems.splice(0).join("\n")).toContain("Content Security Policy");
  });

  it("leads from a cell to its rows", async () => {
    const page = await open();
    await page.click(CELL);
    expect(await status(page)).toBe("20 rows of plain, right.");
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("rows-heading");
    expect(await page.getAttribute(CELL, "aria-pressed")).toBe("true");
  });

  it("works by keys alone", async () => {
    const page = await open();
    await page.focus(CELL);
    await page.keyboard.press("Enter");
    expect(await status(page)).toBe("20 rows of plain, right.");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("search");
    await page.keyboard.type("number 2");
    expect(await status(page)).toBe("5 rows of plain, right.");
  });

  it("filters and sorts", async () => {
    const page = await open();
    await page.selectOption("#order", "unsure");
    expect(await page.textContent("#rows-body tr")).toContain("number 0");
    await page.uncheck("#wrong");
    expect(await status(page)).toBe("60 rows, the first 50 shown.");
    await page.click("#more");
    expect(await page.locator("#rows-body tr").count()).toBe(60);
    await page.fill("#search", "number 59");
    expect(await page.locator("#rows-body tr").count()).toBe(1);
  });

  it.each([320, 400, 1100])("is no wider than a screen of %d pixels", async (width) => {
    const page = await open("light", width);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  });

  it.each(["light", "dark"] as const)("has letters of enough contrast in %s colours", async (scheme) => {
    const page = await open(scheme);
    await page.uncheck("#wrong");
    await page.evaluate(() => {
      for (const details of document.querySelectorAll("details")) details.open = true;
    });
    expect(await page.evaluate(faintTexts)).toEqual([]);
  });

  it("was quiet all along", () => expect(problems).toEqual([]));
});
