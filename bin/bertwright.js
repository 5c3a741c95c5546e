#!/usr/bin/env node
/** The command `bertwright`. In a checkout it first builds what is missing or older than its sources. */
import { existsSync } from "node:fs";

const root = new URL("../", import.meta.url);
if (existsSync(new URL("src/", root))) {
  const { buildIfStale } = await import("../scripts/build.js");
  await buildIfStale(root);
}
const { main } = await import("../dist/bundle/cli.js");
await main();
