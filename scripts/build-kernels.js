/** Compiles the AssemblyScript kernels and embeds the module as base64, so that Node, browsers and tests load it alike. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const folder = join(root, "src/engine/kernels");

/** `shared`: for a memory that several threads see. */
async function compile({ shared }) {
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
      ...(shared ? ["--enable=threads", "--sharedMemory", "--maximumMemory=65536"] : []),
    ],
    { writeFile: (name, contents) => void files.set(name, contents) },
  );
  if (error) {
    console.error(String(stderr));
    throw error;
  }
  return Buffer.from(files.get("kernels.wasm")).toString("base64");
}

mkdirSync(join(folder, "generated"), { recursive: true });
const constant = (name, base64) => `export const ${name} =\n  "${base64}";\n`;
writeFileSync(
  join(folder, "generated/kernels-wasm.ts"),
  [
    "/** Written by scripts/build-kernels.js from ../assembly: the compiled kernels, base64. */\n",
    constant("KERNELS_WASM", await compile({ shared: false })),
    "/** The same for a memory that several threads see. */\n",
    constant("SHARED_KERNELS_WASM", await compile({ shared: true })),
  ].join(""),
);
