import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/browser/*.browser.ts"],
    reporters: ["default", "./scripts/count-reporter.js"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
