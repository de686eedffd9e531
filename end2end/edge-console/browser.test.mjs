// The console Worker in Chromium, as people see it.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { chromium } from "playwright-core";
import { OWNER, signIn, start } from "./support.mjs";

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

describe("the console in Chromium", () => {
  let host;
  let browser;
  let page;
  const problems = [];

  before(async () => {
    host = await start();
    const executablePath = process.env.NEXUS_CHROMIUM ?? "/usr/bin/chromium";
    browser = await chromium.launch({ executablePath, args: FLAGS });
    const context = await browser.newContext({ locale: "en-US" });
    const [name, ...value] = (await signIn(host, OWNER)).cookie.split("=");
    await context.addCookies([{ name, value: value.join("="), url: host.url }]);
    page = await context.newPage();
    page.setDefaultTimeout(20_000);
    page.on("console", (message) => problems.push(`${message.type()}: ${message.text()}`));
    page.on("pageerror", (error) => problems.push(`uncaught: ${error}`));
    page.on("response", (response) => {
      if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
    });
  });
  after(async () => {
    await browser?.close();
    await host?.stop();
  });

  const open = async (path) => {
    const answer = await page.goto(host.url + path, { waitUntil: "load" });
    assert.equal(answer.status(), 200, path);
    // A press while the islands wake up may be lost: what is pressed may move.
    await page.locator('html[data-awake="1"]').waitFor({ state: "attached" });
  };
  const heading = () => page.getByRole("heading", { level: 1 }).textContent();

  it("opens the overview, and the islands wake up", async () => {
    await open("/");
    assert.equal(await heading(), "Overview");
    await page.locator("leptos-island").first().waitFor({ state: "attached" });
    await page.keyboard.press("Control+k");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Escape");
  });

  it("creates a draft and edits it", async () => {
    await open("/experiments/new");
    await page.locator('[name="name"]').fill("Edge button");
    await page.locator('[name="id"]').fill("edge-button");
    await page.getByRole("button", { name: "Create draft" }).last().click();
    await page.waitForURL("**/experiments/edge-button?done=created");
    await open("/experiments/edge-button/edit");
    await page.locator('[name="name"]').fill("Edge button, renamed");
    await page.getByRole("button", { name: "Save" }).last().click();
    await page.waitForURL(/\/experiments\/edge-button(\?|$)/);
    assert.match(await heading(), /Edge button, renamed/);
  });

  it("lists it, and shows who did what", async () => {
    await open("/experiments");
    await page.getByRole("link", { name: "Edge button, renamed" }).waitFor();
    await open("/audit");
    await page.locator("#audit-list tbody tr", { hasText: "created experiment" }).first().waitFor();
    await page.getByRole("button", { name: "Verify the log" }).click();
    await page.locator("#verification", { hasText: "The log is intact" }).waitFor();
  });

  it("leaves the browser's log empty", () => {
    assert.deepEqual(problems, []);
  });
});
