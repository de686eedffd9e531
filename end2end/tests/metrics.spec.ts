import type { Page } from "@playwright/test";
import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessible } from "../fixtures/axe.ts";
import { awake } from "../fixtures/demo.ts";
import { expect, test } from "../fixtures/test.ts";

async function begin(page: Page, id: string, name: string): Promise<void> {
  await page.goto("/experiments/new");
  await awake(page);
  await page.locator("#name").fill(name);
  await page.locator("#id").fill(id);
  await page.locator("#goal").fill("conversion");
}

test("a retention is typed, refused where it makes no sense, and has a page to link to", async ({
  browser,
  owner: page,
  stack,
  browserLog,
}) => {
  browserLog.expect(/(answer|status of) 422/);
  const api = await Api.of(browser, stack, stack.owner_email);
  const id = fresh("metric");
  await begin(page, id, "Do they come back?");
  await page.locator("#metric-0").fill("back");
  await page.locator("#metric-0-kind").selectOption("retention");
  await expect(page.locator("#metric-0-cap"), "a retention has no cap").toBeHidden();
  await page.locator("#metric-0-days").fill("14-7");
  await page.locator(".metric-more").first().locator("summary").click();
  await page.locator("#metric-0-event").fill("conversion");
  await page.getByRole("button", { name: "Create draft", exact: true }).click();
  await expect(page.locator("#metric-0-days-error")).toBeVisible();
  await expectAccessible(page, "a refused metric");

  await page.locator("#metric-0-days").fill("7-14");
  await page.getByRole("button", { name: "Create draft", exact: true }).click();
  await expect(page.getByText("Experiment created.")).toBeVisible();
  await api.start(id);

  await page.goto(`/experiments/${id}`);
  await page.getByRole("link", { name: "back", exact: true }).first().click();
  await expect(page).toHaveURL(new RegExp(`/experiments/${id}/metrics/back$`));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("back");
  await expect(page.getByText("came back on days 7 to 13")).toBeVisible();
  // The crowd is exposed by and by.
  await expect(page.getByRole("table", { name: "By country" })).toBeVisible({ timeout: 30_000 });
  await page.getByRole("link", { name: "Device", exact: true }).click();
  await expect(page.getByRole("table", { name: "By device" })).toContainText("Mobile", { timeout: 30_000 });
  await expectAccessible(page, "a metric");
  await page.goto(`/experiments/${id}`);
  await expect(page.locator("#quality")).toContainText("Requests of bots, not counted");
  await api.stop(id);
});

test("a percentile is typed, refused beyond 99, and shown with its distribution", async ({
  browser,
  owner: page,
  stack,
  browserLog,
}) => {
  browserLog.expect(/(answer|status of) 422/);
  const api = await Api.of(browser, stack, stack.owner_email);
  const id = fresh("quantile");
  await begin(page, id, "Is it slower?");
  await page.locator("#goal_window").fill("7d");
  await page.locator("#goal_pre").fill("14");
  await page.locator("#metric-0").fill("revenue-p95");
  await page.locator("#metric-0-kind").selectOption("quantile");
  await expect(page.locator("#metric-0-cap"), "a quantile has no cap").toBeHidden();
  await page.locator("#metric-0-level").fill("99.9");
  await page.locator(".metric-more").first().locator("summary").click();
  await page.locator("#metric-0-event").fill("revenue");
  await page.getByRole("button", { name: "Create draft", exact: true }).click();
  await expect(page.locator("#metric-0-level-error")).toBeVisible();
  await page.locator("#metric-0-level").fill("95");
  await page.getByRole("button", { name: "Create draft", exact: true }).click();
  await expect(page.getByText("Experiment created.")).toBeVisible();
  await api.start(id);

  await page.goto(`/experiments/${id}/metrics/revenue-p95`);
  await expect(page.getByText("p95 of all events' values")).toBeVisible();
  const distribution = page.locator("#distribution");
  // The crowd buys by and by.
  await expect(distribution.getByRole("img")).toBeVisible({ timeout: 30_000 });
  await page.getByRole("link", { name: "Device", exact: true }).click();
  await expect(page.getByRole("table", { name: "By device" })).toContainText("Mobile", { timeout: 30_000 });
  await expect(page.locator("#chart-values")).toBeVisible({ timeout: 30_000 });
  await expectAccessible(page, "a quantile");
  await page.goto(`/experiments/${id}/goal`);
  await expect(page.getByText("within 7 days of the exposure · adjusted by 14 days before")).toBeVisible();
  await expect(page.locator("#results")).toContainText("Variance ", { timeout: 30_000 });
  await api.stop(id);
});

test("a metric decides: typed in the form, named by the page, the list and the decision", async ({
  browser,
  owner: page,
  stack,
  browserLog,
}) => {
  browserLog.expect(/(answer|status of) 422/);
  const api = await Api.of(browser, stack, stack.owner_email);
  const id = fresh("decides");
  const name = `Do they pay more? ${id}`;
  await begin(page, id, name);
  const note = page.locator(".goal-note");
  await expect(note, "the goal decides").toBeHidden();
  await page.locator("#metric-0").fill("revenue");
  await page.locator("#metric-0-kind").selectOption("mean");
  const spread = page.getByLabel("Standard deviation, % of the mean");
  await expect(spread.first()).toBeHidden();
  await page.locator("#metric-0-role").selectOption("primary");
  await expect(note).toBeVisible();
  await expect(page.locator("#metric-0-spread")).toHaveAccessibleDescription(/How much users differ/);
  await page.locator("#metric-0-kind").selectOption("proportion");
  await expect(page.locator("#metric-0-spread"), "a share varies as its rate says").toBeHidden();
  await page.locator("#metric-0-kind").selectOption("mean");
  await page.locator("#metric-0-spread").fill("0");
  await page.getByRole("button", { name: "Add metric", exact: true }).click();
  await page.locator("#metric-1").fill("visits");
  await page.locator("#metric-1-role").selectOption("primary");
  await page.getByRole("button", { name: "Create draft", exact: true }).click();
  await expect(page.locator("#metric-0-spread-error")).toBeVisible();
  await expect(page.locator("#metric-1-error")).toContainText("only one can");
  await expectAccessible(page, "two metrics that decide");

  await page.locator("#metric-1-role").selectOption("secondary");
  await page.locator("#metric-0-spread").fill("500");
  await page.getByRole("button", { name: "Create draft", exact: true }).click();
  await expect(page.getByText("Experiment created.")).toBeVisible();
  await api.start(id);

  await page.goto(`/experiments/${id}`);
  await expect(page.locator("#setup")).toContainText("standard deviation being 500% of it");
  await expect(page.locator(".headline")).toContainText("revenue");
  // The crowd is exposed by and by.
  await expect(page.locator("#results").getByRole("table")).toContainText("Control", { timeout: 30_000 });
  const others = page.locator("#metrics");
  await expect(others).toContainText("conversion goal, does not decide");
  await others.getByRole("link", { name: "conversion", exact: true }).click();
  await expect(page).toHaveURL(new RegExp(`/experiments/${id}/goal$`));
  await page.goto(`/experiments?q=${id}`);
  await expect(page.getByRole("row", { name: new RegExp(id) })).toContainText("by revenue");
  await page.goto(`/experiments/${id}/decide`);
  await expect(page.getByText("revenue decides.")).toBeVisible();
  await api.stop(id);
});
