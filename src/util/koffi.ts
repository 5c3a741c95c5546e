/** Loads koffi, which calls native libraries; all of the package's calls go through one set-up of it. */

export type Koffi = typeof import("koffi");

/**
 * Stacks of calls off the JavaScript thread. A training step was seen to need between 64 and 128 KiB, koffi's default;
 * untouched pages cost nothing.
 */
const STACK_BYTES = 8 * 2 ** 20;
const MIN_STACK_BYTES = 2 ** 20;

/** Loads koffi with stacks that hold a run. Throws where koffi has no binary for this platform. */
export async function loadKoffi(): Promise<Koffi> {
  const koffi = await import("koffi");
  const { async_stack_size = 0 } = koffi.config();
  if (async_stack_size >= MIN_STACK_BYTES) return koffi;
  try {
    koffi.config({ async_stack_size: STACK_BYTES });
  } catch (cause) {
    throw new Error(`koffi is in use already, with stacks of ${async_stack_size} bytes`, { cause });
  }
  return koffi;
}
