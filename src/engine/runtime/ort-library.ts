/** Finds the ONNX Runtime library that the package onnxruntime-node brings, and loads it with koffi. */
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

export type Koffi = typeof import("koffi");

/** An address in native memory, or of one of our own buffers. */
export type Pointer = bigint;

const LIBRARY_NAMES: Partial<Record<NodeJS.Platform, string>> = {
  linux: "libonnxruntime.so.1",
  darwin: "libonnxruntime.1.dylib",
  win32: "onnxruntime.dll",
};

/**
 * Stacks of calls off the JavaScript thread. A training step was seen to need between 64 and 128 KiB, koffi's default;
 * untouched pages cost nothing.
 */
const STACK_BYTES = 8 * 2 ** 20;
const MIN_STACK_BYTES = 2 ** 20;

/** Path of the library for this platform and processor; throws where the package or a build for it is missing. */
export function findOrtLibrary(): string {
  const name = LIBRARY_NAMES[process.platform];
  const binaries = join(
    dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json")),
    "bin",
  );
  const target = join(process.platform, process.arch);
  // bin/napi-v6/linux/x64: the folder carries the version of the addon's interface, not that of the library.
  const folders = existsSync(binaries)
    ? readdirSync(binaries).filter((folder) => folder.startsWith("napi-v"))
    : [];
  for (const folder of folders.sort().reverse()) {
    const path = join(binaries, folder, target, name ?? "");
    if (name && existsSync(path)) return path;
  }
  throw new Error(`onnxruntime-node has no library for ${process.platform} ${process.arch}`);
}

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
