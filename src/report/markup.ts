/** HTML and SVG as strings in which text cannot become markup: the tag `html` escapes all that it is given. */

/** Text that is markup already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** `undefined` and `false` are nothing, so that a part may be left out where it stands. */
export type Fragment = Markup | string | number | undefined | false | readonly Fragment[];

/** `html\`<p>${text}</p>\``: values are escaped, markup stays, lists are joined. Good for attributes in double quotes too. */
export function html(strings: TemplateStringsArray, ...values: readonly Fragment[]): Markup {
  return new Markup(
    strings.reduce((text, string, i) => text + string + (i < values.length ? render(values[i]) : ""), ""),
  );
}

function render(value: Fragment): string {
  if (value === undefined || value === false) return "";
  if (value instanceof Markup) return value.text;
  return typeof value === "object" ? value.map(render).join("") : escapeText(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Characters that XML 1.0 has no way to write, halves of surrogate pairs among them, which a row may hold all the same. */
const UNWRITABLE = /\p{Surrogate}|[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/gu;

function escapeText(text: string): string {
  return text.replace(UNWRITABLE, "\ufffd").replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

/** A value as JSON inside of a script element: no text in it can end the element. */
export function embeddedJson(value: unknown): Markup {
  return new Markup(JSON.stringify(value).replaceAll("<", "\\u003c"));
}
