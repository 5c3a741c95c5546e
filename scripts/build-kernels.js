/** Compiles the AssemblyScript kernels and embeds the module as base64, so that Node, browsers and tests load it alike. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "src/engine/kernels");
const files = new Map();
const { error, stderr } = await asc.main(
  [
    "assembly/index.ts",
    `--baseDir=${folder}`,
    "--outFile=kernels.wasm",
    "--optimizeLevel=3",
    "--shrinkLevel=0",
    "--runtime=stub",
    "--importMemory",
    "--noExportMemory",
    "--enable=simd",
    "--enable=bulk-memory",
    "--noAssert",
    "--uncheckedBehavior=always",
  ],
  { writeFile: (name, contents) => void files.set(name, contents) },
);
if (error) {
  console.error(String(stderr));
  throw error;
}
mkdirSync(join(folder, "generated"), { recursive: true });
const base64 = Buffer.from(files.get("kernels.wasm")).toString("base64");
writeFileSync(
  join(folder, "generated/kernels-wasm.ts"),
  `/** Written by scripts/build-kernels.js from ../assembly: the compiled kernels, base64. */\nexport const KERNELS_WASM =\n  "${base64}";\n`,
);
