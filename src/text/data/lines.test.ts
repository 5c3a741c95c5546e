/** Line ends of three kinds, in any cut. */
import { describe, expect, it } from "vitest";
import { HEAD_CHARACTERS, MAX_ROW_CHARACTERS, readHead, readLines } from "./lines.ts";
import { sourceFromBytes, sourceFromText } from "./source.ts";

async function lines(text: string, chunkBytes: number): Promise<[number, string][]> {
  const found: [number, string][] = [];
  for await (const batch of readLines(sourceFromBytes("f", new TextEncoder().encode(text), chunkBytes))) {
    for (const [i, line] of batch.lines.entries()) found.push([batch.first + i, line]);
  }
  return found;
}

const ABC: [number, string][] = [
  [1, "a"],
  [2, ""],
  [3, "c"],
];

describe("readLines", () => {
  it.each([1, 2, 3, 1000])("numbers lines, chunks of %i bytes", async (chunkBytes) => {
    for (const text of ["a\n\nc", "a\n\nc\n", "a\r\n\r\nc\r\n", "a\r\n\r\nc", "a\r\rc", "a\r\rc\r"]) {
      expect(await lines(text, chunkBytes), JSON.stringify(text)).toEqual(ABC);
    }
  });

  it("keeps a stray CR of a file whose lines end in LF", async () => {
    expect(await lines("a\rb\nc\n", 1)).toEqual([
      [1, "a\rb"],
      [2, "c"],
    ]);
  });

  it("reads a long file of CR lines without holding it", async () => {
    const text = "some words\r".repeat(50_000);
    let batches = 0;
    let count = 0;
    for await (const batch of readLines(sourceFromText("f", text))) {
      batches++;
      count += batch.lines.length;
    }
    expect(count).toBe(50_000);
    expect(batches).toBeGreaterThan(3);
  });

  it("refuses a line over the limit by its number", async () => {
    const text = `short\n${"x".repeat(MAX_ROW_CHARACTERS + 100_000)}`;
    await expect(lines(text, 1_000_000)).rejects.toThrow("f:2: a line of more than 8 million characters.");
  });
});

describe("readHead", () => {
  it("stops early and says so", async () => {
    const line = "x".repeat(1000);
    const head = await readHead(sourceFromText("f", `${line}\n`.repeat(2000)));
    expect(head.whole).toBe(false);
    expect(head.lines.length).toBe(HEAD_CHARACTERS / 1000 + 1);
    expect(await readHead(sourceFromText("f", "a\nb"))).toEqual({ lines: ["a", "b"], whole: true });
  });
});
