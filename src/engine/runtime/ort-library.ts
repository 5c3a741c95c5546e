/** Finds the ONNX Runtime library that the package onnxruntime-node brings. */
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** An address in native memory, or of one of our own buffers. */
export type Pointer = bigint;

const LIBRARY_NAMES: Partial<Record<NodeJS.Platform, string>> = {
  linux: "libonnxruntime.so.1",
  darwin: "libonnxruntime.1.dylib",
  win32: "onnxruntime.dll",
};

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
