import { Api, fresh } from "../fixtures/api.ts";
import { expect, test } from "../fixtures/test.ts";

test.use({ javaScriptEnabled: false });

// The browser refuses the script that the page offers: that is what "off" means.
test.beforeEach(({ browserLog }) => browserLog.expect(/\/assets\/client\.\w+\.js: csp$/));

test("every page can be read", async ({ owner }) => {
  for (const path of ["/", "/experiments", "/experiments/new", "/audit", "/settings/members", "/settings/sdk-keys", "/settings/tokens"]) {
    const answer = await owner.goto(path);
    expect(answer?.status(), path).toBe(200);
    await expect(owner.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(owner.getByRole("navigation").first()).toBeVisible();
  }
});

test("a draft is written, a variant added, started and stopped by plain forms", async ({ owner, browserLog }) => {
  const id = fresh("nojs");
  await owner.goto("/experiments/new");
  await owner.locator("#name").fill("Without a script");
  await owner.locator("#id").fill(id);
  await owner.getByLabel("Conversion goal").fill("conversion");

  await owner.getByRole("button", { name: "Add variant" }).click();
  await expect(owner.locator('[name="variant_key"]')).toHaveCount(3);
  await expect(owner.locator("#name"), "nothing typed is lost").toHaveValue("Without a script");
  await owner.getByRole("button", { name: "Distribute evenly" }).click();
  await expect(owner.locator('[name="variant_weight"]').nth(2)).toHaveValue("33.33");
  await owner.getByRole("button", { name: /^Remove Treatment 2/ }).click();
  await expect(owner.locator('[name="variant_key"]')).toHaveCount(2);
  await owner.getByRole("button", { name: "Distribute evenly" }).click();
  await owner.locator("#countries").fill("Atlantis");
  await owner.getByRole("button", { name: "Estimate" }).click();
  await expect(owner.locator("#estimate")).toContainText("Correct this to see how many visitors match");
  await owner.locator("#countries").fill("");
  await owner.getByRole("button", { name: "Create draft" }).last().click();
  await expect(owner.getByText("Experiment created.")).toBeVisible();

  await owner.getByRole("link", { name: "Start", exact: true }).click();
  await owner.getByRole("button", { name: "Start the experiment" }).click();
  await expect(owner.locator("#live-status")).toContainText("Running");

  await owner.getByRole("link", { name: "Stop", exact: true }).click();
  await owner.getByLabel("Reason").fill("tried without a script");
  await owner.getByLabel(`Type ${id} to confirm`).fill("something else");
  browserLog.expect(/(answer|status of) 422/);
  await owner.getByRole("button", { name: "Stop the experiment" }).click();
  await expect(owner.getByText("Nothing was changed.")).toBeVisible();
  await expect(owner.getByLabel("Reason")).toHaveValue("tried without a script");
  await owner.getByLabel(`Type ${id} to confirm`).fill(id);
  await owner.getByRole("button", { name: "Stop the experiment" }).click();
  await expect(owner.locator("#live-status")).toContainText("Stopped");
  await expect(owner.getByText("tried without a script").first()).toBeVisible();
});

test("filters are plain forms", async ({ owner, browser, stack }) => {
  const id = fresh("filter");
  const api = await Api.of(browser, stack, stack.owner_email);
  await api.create(id);
  await owner.goto("/experiments");
  await owner.getByRole("searchbox", { name: "Search" }).fill(id);
  await owner.getByRole("searchbox", { name: "Search" }).press("Enter");
  await expect(owner).toHaveURL(new RegExp(`q=${id}`));
  await expect(owner.locator("#experiment-list tbody tr")).toHaveCount(1);
});
