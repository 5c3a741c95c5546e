/**
 * What the report does in a browser: its rows by cell, search and order. The functions of `PAGE_FUNCTIONS` go into the
 * page as their own source, so each uses only its arguments, the browser, and the others of the list. What rows hold is
 * set as text, never as markup.
 */
import type { Group, Sample } from "../report-data.ts";

/** What the page holds as JSON. */
export interface PageRows {
  samples: readonly Sample[];
  groups: readonly Group[];
}

interface View {
  /** Position of the group that is shown; -1: all. */
  group: number;
  wrongOnly: boolean;
  search: string;
  order: string;
  /** Rows at most. */
  limit: number;
}

/** Makes the page's controls and cells work. */
export function startPage(page: Document): void {
  startCopying(page);
  const json = page.getElementById("samples")?.textContent;
  if (!json) return;
  const rows = JSON.parse(json) as PageRows;
  const view: View = { group: -1, wrongOnly: true, search: "", order: "worst", limit: 50 };
  const field = (id: string) => page.getElementById(id) as HTMLInputElement;
  const show = (change: Partial<View>) => {
    Object.assign(view, { limit: 50 }, change);
    showRows(page, rows, view);
  };
  view.wrongOnly = rows.samples.some((sample) => !sample.right);
  field("group").addEventListener("change", () => show({ group: Number(field("group").value) }));
  field("search").addEventListener("input", () => show({ search: field("search").value }));
  field("order").addEventListener("change", () => show({ order: field("order").value }));
  field("wrong").addEventListener("change", () => show({ wrongOnly: field("wrong").checked }));
  field("more").addEventListener("click", () => show({ limit: view.limit + 50 }));
  for (const cell of page.querySelectorAll<HTMLElement>("button[data-group]")) {
    cell.addEventListener("click", () => {
      show({ group: Number(cell.dataset.group), wrongOnly: false, search: "" });
      const heading = page.getElementById("rows-heading");
      heading?.focus({ preventScroll: true });
      heading?.scrollIntoView();
    });
  }
  show({});
}

/** Rows that the view asks for, in its order. */
export function chooseRows({ samples }: PageRows, view: View): Sample[] {
  const words = view.search.trim().toLowerCase();
  const chosen = samples.filter(
    (sample) =>
      (view.group < 0 || sample.groups.includes(view.group)) &&
      (!view.wrongOnly || !sample.right) &&
      (words === "" || searchedText(sample).includes(words)),
  );
  // Without a probability a row comes last in either direction.
  const confidence = (sample: Sample, without: number) => sample.confidence ?? without;
  const where = new Intl.Collator("en", { numeric: true });
  if (view.order === "sure") chosen.sort((a, b) => confidence(b, -1) - confidence(a, -1));
  if (view.order === "unsure") chosen.sort((a, b) => confidence(a, 2) - confidence(b, 2));
  if (view.order === "file") chosen.sort((a, b) => where.compare(a.where, b.where));
  return chosen;
}

export function searchedText({ where, text, gold, predicted }: Sample): string {
  const words = text.map((part) => (typeof part === "string" ? part : part.text)).join("");
  return `${where}\n${words}\n${gold}\n${predicted}`.toLowerCase();
}

export function showRows(page: Document, rows: PageRows, view: View): void {
  const chosen = chooseRows(rows, view);
  const shown = chosen.slice(0, view.limit);
  page.getElementById("rows-body")!.replaceChildren(...shown.map((sample) => rowElement(page, sample)));
  const field = (id: string) => page.getElementById(id) as HTMLInputElement;
  field("group").value = String(view.group);
  field("search").value = view.search;
  field("wrong").checked = view.wrongOnly;
  field("more").hidden = shown.length === chosen.length;
  for (const cell of page.querySelectorAll<HTMLElement>("button[data-group]")) {
    cell.setAttribute("aria-pressed", String(Number(cell.dataset.group) === view.group));
  }
  const what = view.group < 0 ? "" : ` of ${rows.groups[view.group].label}`;
  const rest = shown.length < chosen.length ? `, the first ${shown.length} shown` : "";
  const noun = chosen.length === 1 ? "row" : "rows";
  page.getElementById("rows-status")!.textContent =
    `${chosen.length.toLocaleString("en")} ${noun}${what}${rest}.`;
}

export function rowElement(page: Document, sample: Sample): HTMLElement {
  const row = page.createElement("tr");
  const cell = (className: string, name: string, ...content: (string | Node)[]) => {
    const element = page.createElement("td");
    element.className = className;
    if (name !== "") element.dataset.name = name;
    element.append(...content);
    row.append(element);
  };
  cell("words", "", ...sample.text.map((part) => partNode(page, part)));
  cell("gold", "gold", sample.gold);
  cell(sample.right ? "yes" : "no", "predicted", sample.predicted);
  const { confidence } = sample;
  cell("number", "confidence", confidence === undefined ? "–" : confidence.toFixed(3));
  cell("where", "", sample.where);
  return row;
}

/** A part of a text; marked ones carry their note. */
export function partNode(page: Document, part: Sample["text"][number]): string | Node {
  if (typeof part === "string") return part;
  const mark = page.createElement("mark");
  mark.className = part.kind;
  const note = page.createElement("small");
  note.textContent = part.note;
  mark.append(part.text, note);
  return mark;
}

/** The button that copies the command, where the browser lets a page do so. */
export function startCopying(page: Document): void {
  const button = page.getElementById("copy");
  const clipboard = page.defaultView?.navigator.clipboard;
  if (!button || !clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = page.getElementById("command")?.textContent ?? "";
    button.textContent = await clipboard.writeText(text).then(
      () => "Copied",
      () => "Copying was refused",
    );
  });
}

const PAGE_FUNCTIONS: readonly ((...values: never[]) => unknown)[] = [
  startPage,
  chooseRows,
  searchedText,
  showRows,
  rowElement,
  partNode,
  startCopying,
];

/** The script element's content. */
export function pageScript(): string {
  return `"use strict";\n${PAGE_FUNCTIONS.map(String).join("\n")}\n${startPage.name}(document);`;
}
