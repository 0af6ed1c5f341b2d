import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // What is tested is what ships: the compiled files, workers included.
    include: ["packages/*/dist/**/*.test.js", "docs/**/*.test.mjs"],
    setupFiles: ["scripts/property-seed.mjs"],
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
