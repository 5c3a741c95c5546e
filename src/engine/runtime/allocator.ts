/**
 * How the process's C library takes memory from the system. A runtime that meets another shape at each step frees its
 * buffers and asks for somewhat larger ones. glibc maps a large buffer by itself, so that all of it goes back once it is
 * freed; but what counts as large rises with what is freed, up to 32 MiB, and from then on buffers lie in the heap, where
 * they leave holes that the next, larger ones do not fit.
 */
import type { Koffi } from "../../util/koffi.ts";

/** malloc.h */
const M_MMAP_THRESHOLD = -3;
/** What glibc starts with; a bound that was set no longer rises. */
const LARGE_BYTES = 128 * 1024;
/**
 * Until a first step is done OpenVINO makes and frees 1,700 descriptions of products, of 284 KiB each, and to map a page costs
 * more than all else that is done to it. Left so, the bound costs a job of SQuAD windows 4 % of its memory.
 */
const LARGE_BYTES_AT_FIRST = 320 * 1024;

export interface Heap {
  /**
   * To be called when a session's first run is done. Pages in which nothing lies any more go back, wherever they are: glibc
   * does so at the heap's end alone, and compiling leaves holes.
   */
  settle(): void;
}

/**
 * Has large buffers mapped by themselves from now on. To be called where the C library is glibc: OpenVINO for Linux is
 * built for no other.
 */
export function openHeap(koffi: Koffi): Heap {
  const libc = koffi.load("libc.so.6");
  const mallopt = libc.func("int mallopt(int parameter, int value)");
  const trim = libc.func("int malloc_trim(size_t pad)");
  mallopt(M_MMAP_THRESHOLD, LARGE_BYTES_AT_FIRST);
  return {
    settle: () => {
      mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
      trim(0);
    },
  };
}
