/**
 * Joins our modules into few files for Node, in the folder `bundle` of the one that is named: to find and read 400 small
 * ones takes Node a fifth of a second at each start. What is loaded late stays a file of its own, and so does every package.
 * Not minified: the report's page and the kernels' threads run functions by their source text.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("../", import.meta.url));

const build = await rolldown({
  input: { cli: join(root, "src/apps/cli/main.ts"), node: join(root, "src/node.ts") },
  cwd: root,
  platform: "node",
  // But for the bundler's own helpers.
  external: /^(node:|(?!@oxc-project\/)@?[a-z][\w.-]*(\/|$))/,
});
await build.write({
  ...{ dir: join(process.argv[2], "bundle"), format: "esm", sourcemap: true },
  chunkFileNames: "[name].js",
});
await build.close();
