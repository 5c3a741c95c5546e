/**
 * How the process's C library takes memory from the system. A runtime that meets another shape at each step frees its
 * buffers and asks for somewhat larger ones. glibc maps a large buffer by itself, so that all of it goes back once it is
 * freed; but what counts as large rises with what is freed, up to 32 MiB, and from then on buffers lie in the heap, where
 * they leave holes that the next, larger ones do not fit.
 */
import type { Koffi } from "../../util/koffi.ts";

/** malloc.h */
const M_MMAP_THRESHOLD = -3;
/**
 * A bound that was set no longer rises. glibc starts with 128 KiB; but OpenVINO makes and frees descriptions of products, of 284 KiB
 * each, 1,700 of them until a first step is done, and a page that is mapped costs more than all else that is done to them.
 */
const LARGE_BYTES = 320 * 1024;

export interface Heap {
  /** Gives pages back in which nothing lies any more, wherever they are: by itself glibc does so at the heap's end alone. */
  giveBack(): void;
}

/**
 * Has large buffers mapped by themselves from now on. To be called where the C library is glibc: OpenVINO for Linux is
 * built for no other.
 */
export function openHeap(koffi: Koffi): Heap {
  const libc = koffi.load("libc.so.6");
  libc.func("int mallopt(int parameter, int value)")(M_MMAP_THRESHOLD, LARGE_BYTES);
  const trim = libc.func("int malloc_trim(size_t pad)");
  return { giveBack: () => void trim(0) };
}
