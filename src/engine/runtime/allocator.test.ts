/** That glibc goes on mapping large buffers by themselves after large ones were freed, which it does not do untold. */
import { expect, it } from "vitest";
import { type Koffi, loadKoffi } from "../../util/koffi.ts";
import { mapLargeBuffers } from "./allocator.ts";
import type { Pointer } from "./ort-library.ts";

const isGlibc =
  process.platform === "linux" &&
  (process.report.getReport() as { header: { glibcVersionRuntime?: string } }).header.glibcVersionRuntime !==
    undefined;

/** Buffers of malloc that are mappings of their own. */
function countMapped(koffi: Koffi): number {
  const info = koffi.struct({
    ...{ arena: "int", ordblks: "int", smblks: "int", hblks: "int", hblkhd: "int" },
    ...{ usmblks: "int", fsmblks: "int", uordblks: "int", fordblks: "int", keepcost: "int" },
  });
  return koffi.load("libc.so.6").func("mallinfo", info, [])().hblks;
}

it.runIf(isGlibc)("a large buffer is mapped, also after a larger one was freed", async () => {
  const koffi = await loadKoffi();
  const libc = koffi.load("libc.so.6");
  const malloc = libc.func("malloc", "void *", ["size_t"]) as unknown as (bytes: number) => Pointer;
  const free = libc.func("free", "void", ["void *"]) as unknown as (buffer: Pointer) => void;
  mapLargeBuffers(koffi);
  free(malloc(8 * 2 ** 20));
  const before = countMapped(koffi);
  const buffer = malloc(2 ** 20);
  expect(countMapped(koffi)).toBe(before + 1);
  free(buffer);
  expect(countMapped(koffi)).toBe(before);
});
