import type { Page } from "@playwright/test";
import { Api, fresh } from "../fixtures/api.ts";
import { awake } from "../fixtures/demo.ts";
import { expect, test } from "../fixtures/test.ts";

test("a relative time shows the exact one on hover and on focus", async ({ owner, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  await api.create(fresh("moment"));
  await owner.goto("/audit");
  await awake(owner);
  const when = owner.locator("#audit-list .when").first();
  const tip = when.locator(".tip");
  await expect(when.locator("time")).toHaveText(/just now|ago/);
  await expect(tip).toBeHidden();
  await when.hover();
  await expect(tip).toBeVisible();
  await expect(tip).toHaveText(/\d{4}.*\d{1,2}:\d{2}:\d{2}/);
  await owner.mouse.move(0, 0);
  await expect(tip).toBeHidden();
  await when.focus();
  await expect(tip).toBeVisible();
  await owner.keyboard.press("Shift+Tab");
  await expect(tip).toBeHidden();
});

test("a live page says how old it is, and counts", async ({ owner }) => {
  // A stream that tells of no change, so that nothing makes the page young again.
  await owner.route("**/live", (route) =>
    route.fulfill({ contentType: "text/event-stream", body: "retry: 600000\n\n" }),
  );
  await owner.goto("/");
  await awake(owner);
  const age = owner.locator(".live-text");
  await expect(age).toHaveText("Updated just now");
  await expect(age).toHaveText(/^Updated \d+ s ago$/);
  const before = await seconds(owner);
  await expect.poll(() => seconds(owner)).toBeGreaterThan(before);
});

async function seconds(page: Page): Promise<number> {
  const text = await page.locator(".live-text").textContent();
  return Number(/\d+/.exec(text ?? "")?.[0]);
}
