import type { Page } from "@playwright/test";
import { open, readFile } from "node:fs/promises";
import path from "node:path";
import { sessionOf } from "../fixtures/access.ts";
import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessibleInBothThemes } from "../fixtures/axe.ts";
import { BrowserLog } from "../fixtures/console.ts";
import { startStack } from "../fixtures/stack.ts";
import { expect, test } from "../fixtures/test.ts";

// A console of its own: first with nothing in it, then with a database that is broken.
test("a console before anything exists, and one whose database is broken", async ({ browser }) => {
  test.setTimeout(180_000);
  const { stack, stop } = await startStack();
  const log = new BrowserLog();
  try {
    const storageState = await sessionOf(browser, stack.url, stack.owner_email);
    for (const locale of ["en-US", "ja-JP"]) {
      const context = await browser.newContext({ baseURL: stack.url, storageState, locale });
      const page = await context.newPage();
      log.watch(page);
      for (const where of [
        "/",
        "/experiments",
        "/flags",
        "/saved-groups",
        "/holdouts",
        "/settings/sdk-keys",
        "/settings/tokens",
      ]) {
        await page.goto(where);
        await expectAccessibleInBothThemes(page, `${where} with nothing in it, ${locale}`);
      }
      await expect(page.getByRole("main").getByRole("link").first(), "it says what to do next").toBeVisible();
      await context.close();
    }
    expect(log.problems()).toEqual([]);

    const database = path.join(stack.data, "console", "console.db");
    const id = fresh("damaged");
    await (await Api.of(browser, stack, stack.owner_email)).create(id);
    await damage(database, `{"id":"${id}"`);
    const look = async (where: string, status: number, then: (page: Page) => Promise<void>) => {
      for (const locale of ["en-US", "ja-JP"]) {
        const context = await browser.newContext({ baseURL: stack.url, storageState, locale });
        const page = await context.newPage();
        // What the console has in its memory it need not read again.
        await expect.poll(async () => (await page.goto(where))?.status()).toBe(status);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await then(page);
        await expectAccessibleInBothThemes(page, `${status} on ${where}, ${locale}`);
        await context.close();
      }
    };
    await look(`/experiments/${id}`, 500, async (page) => {
      await expect(page.locator(".state-id code"), "an id to ask about").not.toBeEmpty();
    });

    await scribble(database);
    // Nobody can be told from anybody.
    await look("/experiments", 503, async (page) => {
      await expect(page.getByRole("navigation")).toHaveCount(0);
    });
  } finally {
    await stop();
  }
});

/** Breaks the text that begins so, wherever it is kept. */
async function damage(file: string, beginning: string): Promise<void> {
  let broken = 0;
  for (const name of [file, `${file}-wal`]) {
    const content = await readFile(name);
    const handle = await open(name, "r+");
    for (let at = content.indexOf(beginning); at >= 0; at = content.indexOf(beginning, at + 1)) {
      await handle.write("!", at);
      broken += 1;
    }
    await handle.close();
  }
  expect(broken, `${beginning} in the database`).toBeGreaterThan(0);
}

/** Overwrites every page of a SQLite file but the first. */
async function scribble(file: string): Promise<void> {
  for (const name of [file, `${file}-wal`]) {
    const handle = await open(name, "r+");
    const { size } = await handle.stat();
    if (size > 4096) await handle.write(Buffer.alloc(size - 4096, 0xa5), 0, size - 4096, 4096);
    await handle.close();
  }
}
