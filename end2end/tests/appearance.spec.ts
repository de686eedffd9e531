import type { Page } from "@playwright/test";
import { awake } from "../fixtures/demo.ts";
import { expect, test } from "../fixtures/test.ts";

const paper = (page: Page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);

test("a stored theme beats the system's, and goes when it is unset", async ({ owner }) => {
  await owner.emulateMedia({ colorScheme: "light" });
  await owner.goto("/experiments");
  const light = await paper(owner);
  await owner.emulateMedia({ colorScheme: "dark" });
  const dark = await paper(owner);
  expect(dark, "the system's theme is followed").not.toBe(light);

  await choose(owner, "light");
  expect(await paper(owner), "light in a dark system").toBe(light);
  await owner.goto("/audit");
  expect(await paper(owner), "on the next page too").toBe(light);

  await choose(owner, "dark");
  await owner.emulateMedia({ colorScheme: "light" });
  expect(await paper(owner), "dark in a light system").toBe(dark);

  await choose(owner, "system");
  expect(await paper(owner)).toBe(light);
  await owner.emulateMedia({ colorScheme: "dark" });
  expect(await paper(owner)).toBe(dark);
});

/** By the menu of the top bar. */
async function choose(page: Page, theme: string): Promise<void> {
  await awake(page);
  const button = page.locator(`button[name="theme"][value="${theme}"]`);
  await page.locator("details.menu", { has: button }).locator("summary").click();
  await button.click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
}
