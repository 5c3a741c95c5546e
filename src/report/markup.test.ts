/** Markup that text cannot break out of. */
import { expect, it } from "vitest";
import { embeddedJson, html } from "./markup.ts";

it("escapes text, in content and in attributes", () => {
  const text = `</script><img onerror="alert('1')"> & co`;
  expect(html`<a title="${text}">${text}</a>`.text).toBe(
    '<a title="&lt;/script&gt;&lt;img onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; co">' +
      "&lt;/script&gt;&lt;img onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; co</a>",
  );
});

it("leaves markup as it is, joins lists and leaves out what is not there", () => {
  const items = ["a", html`<b>${"<"}</b>`, undefined, false as const, 0];
  expect(html`<p>${items}</p>`.text).toBe("<p>a<b>&lt;</b>0</p>");
});

it("replaces characters that a document cannot hold", () => {
  expect(html`${"a\0b\ud800c\udc00d\ue000e\u{1f600}f\ng\ufffe"}`.text).toBe(
    "a\ufffdb\ufffdc\ufffdd\ue000e\u{1f600}f\ng\ufffd",
  );
});

it("embeds JSON that ends no element and reads as it was", () => {
  const value = { text: "</script><!--<script>", line: "a\u2028b" };
  const { text } = embeddedJson(value);
  expect(text).not.toContain("<");
  expect(JSON.parse(text)).toEqual(value);
});
