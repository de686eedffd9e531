import { defineConfig } from "@playwright/test";

/**
 * The browser tests. `cargo xtask test browser` builds what they need and calls them;
 * after that `npx playwright test` in this folder works by itself as well.
 *
 * One worker: the tests share one running stack, and the machine has two cores.
 */
export default defineConfig({
  testDir: "tests",
  globalSetup: "./fixtures/stack.ts",
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [["list"], ["json", { outputFile: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ?? "test-results/report.json" }]],
  use: {
    // Playwright's own download is not used: Debian's Chromium is.
    browserName: "chromium",
    headless: true,
    launchOptions: {
      executablePath: process.env.NEXUS_CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
    locale: "en-US",
    timezoneId: "Asia/Tokyo",
    // Recording costs more than the tests themselves on two cores: NEXUS_TRACE=1 to look closer.
    trace: process.env.NEXUS_TRACE ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
  },
});
