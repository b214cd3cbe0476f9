import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // The files leave nothing behind, and a fresh process for each would take longer than most of them.
    isolate: false,
    // A machine that is busy with something else is no fault; nothing here takes a second on one that is not.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
