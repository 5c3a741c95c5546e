/** What glibc does not do untold: map large buffers by themselves after large ones were freed, give holes back. */
import { expect, it } from "vitest";
import { type Koffi, loadKoffi } from "../../util/koffi.ts";
import { openHeap } from "./allocator.ts";
import type { Pointer } from "./ort-library.ts";

const isGlibc =
  process.platform === "linux" &&
  (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime !==
    undefined;

/** `hblks`: buffers of malloc that are mappings of their own; `fordblks`: bytes that are free in its heaps. */
function openMallinfo(koffi: Koffi): () => { hblks: number; fordblks: number } {
  const info = koffi.struct({
    ...{ arena: "int", ordblks: "int", smblks: "int", hblks: "int", hblkhd: "int" },
    ...{ usmblks: "int", fsmblks: "int", uordblks: "int", fordblks: "int", keepcost: "int" },
  });
  return koffi.load("libc.so.6").func("mallinfo", info, []) as unknown as () => {
    hblks: number;
    fordblks: number;
  };
}

async function openLibc() {
  const koffi = await loadKoffi();
  const libc = koffi.load("libc.so.6");
  const malloc = libc.func("malloc", "void *", ["size_t"]) as unknown as (bytes: number) => Pointer;
  const free = libc.func("free", "void", ["void *"]) as unknown as (buffer: Pointer) => void;
  const memset = libc.func("void *memset(void *s, int c, size_t n)");
  return { koffi, malloc, free, memset };
}

it.runIf(isGlibc)("a large buffer is mapped, also after a larger one was freed", async () => {
  const { koffi, malloc, free } = await openLibc();
  const heap = openHeap(koffi);
  free(malloc(8 * 2 ** 20));
  const mallinfo = openMallinfo(koffi);
  const before = mallinfo().hblks;
  // Holes take what fits: a freed buffer leaves one where something lies behind it.
  const take = (bytes: number) => {
    const inHoles = Math.floor(mallinfo().fordblks / bytes);
    const buffers = Array.from({ length: inHoles + 500 }, () => malloc(bytes));
    const mapped = mallinfo().hblks - before;
    for (const buffer of buffers) free(buffer);
    return mapped;
  };
  expect(take(200 * 1024)).toBe(0);
  expect(take(400 * 1024)).toBeGreaterThanOrEqual(500);
  heap.settle();
  expect(take(100 * 1024)).toBe(0);
  expect(take(200 * 1024)).toBeGreaterThanOrEqual(500);
  expect(mallinfo().hblks).toBe(before);
});

it.runIf(isGlibc)("pages between buffers that are in use are given back", async () => {
  const { koffi, malloc, free, memset } = await openLibc();
  const heap = openHeap(koffi);
  const [bytes, count] = [100 * 1024, 1280];
  const buffers = Array.from({ length: count }, () => malloc(bytes));
  for (const buffer of buffers) memset(buffer, 1, bytes);
  const last = buffers.pop() as Pointer; // keeps the heap from shrinking at its end
  for (const buffer of buffers) free(buffer);
  const before = process.memoryUsage().rss;
  heap.settle();
  expect(before - process.memoryUsage().rss).toBeGreaterThan((count * bytes) / 2);
  free(last);
});
