import { awake } from "../fixtures/demo.ts";
import { expectAccessibleInBothThemes } from "../fixtures/axe.ts";
import { expect, test } from "../fixtures/test.ts";

test("the calculator follows what is typed, says what is wrong at its field, and is an address", async ({ owner: page, browserLog }) => {
  await page.goto("/calculator");
  await awake(page);
  const sizes = page.locator("#sizes");
  await expect(sizes).toContainText("14,749");
  let loads = 0;
  page.on("load", () => (loads += 1));

  await page.getByLabel("Baseline rate").fill("5");
  await expect(sizes).not.toContainText("14,749");
  await expect(page).toHaveURL(/baseline=5&/);
  await expect(page.getByLabel("Baseline rate"), "who types keeps typing").toBeFocused();
  await page.getByLabel("decrease").check();
  await expect(sizes).toContainText("−10%");

  browserLog.expect(/(answer|status of) 422/);
  await page.getByLabel("Baseline rate").fill("");
  await expect(page.locator("#baseline-error")).toBeVisible();
  await expect(page.locator("#baseline")).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("#baseline")).toHaveAttribute("aria-describedby", /baseline-error/);
  await expect(page.locator("#curve")).toHaveCount(0);
  await expectAccessibleInBothThemes(page, "calculator, live errors");
  await page.getByLabel("Baseline rate").fill("20");
  await expect(page.locator("#baseline-error")).toHaveCount(0);
  await expect(page.locator("#baseline")).not.toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("#curve")).toBeVisible();
  expect(loads, "nothing was loaded afresh").toBe(0);

  const shown = await sizes.textContent();
  await page.goto(page.url());
  await expect(page.locator("#baseline")).toHaveValue("20");
  expect(await sizes.textContent()).toBe(shown);
});
