/**
 * Joins the modules of the command and of the library for Node into few files, in `bundle` beside them: to find and read
 * some 450 small ones takes Node a quarter of a second at each start. What is loaded late stays a file of its own.
 */
import { join } from "node:path";
import { rolldown } from "rolldown";

/** `folder` has the compiled modules. */
export async function bundle(folder) {
  const build = await rolldown({
    input: { cli: join(folder, "apps/cli/main.js"), node: join(folder, "node.js") },
    platform: "node",
    // Native: they find their binaries by where they lie.
    external: ["koffi", "onnxruntime-node"],
  });
  await build.write({ dir: join(folder, "bundle"), format: "esm", sourcemap: true });
  await build.close();
}
