import { defineConfig } from "vitest/config";
import { pureFolders } from "./scripts/pure-folders.ts";

const pureSources = `src/{${pureFolders.join(",")}}/**/*.ts`;
const report = process.env.REALMSCOPE_TEST_REPORT;

export default defineConfig({
  // React in production has no development JSX.
  oxc: { jsx: { runtime: "automatic", development: false } },
  test: {
    include: ["test/**/*.test.{ts,tsx}"],
    // Ink draws nothing until exit where CI is set, and colours differ with the terminal of whoever runs the tests.
    env: { CI: "false", FORCE_COLOR: "0", NODE_ENV: "production" },
    // CI counts from this file; people read the default output.
    reporters: report === undefined ? ["default"] : ["default", ["json", { outputFile: report }]],
    // By default vitest leaves one core idle: on two cores it runs one file at a time.
    maxWorkers: "100%",
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: {
      provider: "v8",
      include: [pureSources],
      reporter: ["text-summary", "json-summary"],
      thresholds: {
        perFile: true,
        [pureSources]: { lines: 95 },
      },
    },
  },
});
