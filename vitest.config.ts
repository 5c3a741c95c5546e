import { tmpdir } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    reporters: ["default", "./scripts/count-reporter.js"],
    // What is installed on a machine changes no test; test/openvino.test.ts looks for it by itself. Nothing is left in the
    // user's own cache.
    env: { BERTWRIGHT_OPENVINO: "none", TMPDIR: tmpdir() },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Native runtimes keep threads of their own: one process a file, at most two at a time.
    pool: "forks",
    maxWorkers: 2,
  },
});
