import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessible, expectAccessibleInBothThemes } from "../fixtures/axe.ts";
import { awake } from "../fixtures/demo.ts";
import { expect, test } from "../fixtures/test.ts";

interface Estimate {
  window: { all: { sampled: number } };
}

/** Gateways tell of their visitors once a minute. */
test.setTimeout(180_000);

test("an audience is tried on recent visitors while it is edited, and a switch before it is pressed", async ({
  owner: page,
  browser,
  request,
  stack,
}) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const key = fresh("what-if");
  // Something must be published, and somebody must come by.
  await api.post("/api/v1/flags", {
    key,
    environment: "production",
    name: "Recent visitors",
    kind: "boolean",
    value: false,
    rules: [{ value: true }],
  });
  const asked = { id: key, environment: "production", name: "x", variants: [], goal: "x" };
  await expect(async () => {
    const headers = (n: number) => ({ "x-nexus-user": `${key}-${n}`, "cf-ipcountry": n % 2 ? "JP" : "US" });
    await Promise.all(Array.from({ length: 40 }, async (_, n) => request.get(stack.gateway_url, { headers: headers(n) })));
    const { window } = await api.post<Estimate>("/api/v1/estimates/experiment", asked);
    expect(window.all.sampled).toBeGreaterThanOrEqual(40);
  }).toPass({ timeout: 120_000, intervals: [5_000] });

  await page.goto("/experiments/new");
  await awake(page);
  const region = page.locator("#estimate");
  await expect(region).toContainText(/About 100(\.0)?% of recent visitors take part/);
  await page.locator("#coverage").fill("0");
  await expect(region, "it follows what is typed").toContainText(/About 0(\.0+)?% of recent visitors take part/);
  await expectAccessible(page, "an estimate");
  await page.locator("#countries").fill("Atlantis");
  await expect(region).toContainText("Correct this to see how many visitors match");
  await page.locator("#countries").fill("JP, US");
  await expect(region).toContainText("recent visitors take part");

  await page.goto(`/flags/production/${key}`);
  await page.getByRole("link", { name: "Show what would change for recent visitors" }).click();
  await expect(page.getByText(/About 100(\.0)?% of visitors would get something else/)).toBeVisible();
  await expect(page.getByRole("table", { name: "What visitors get now and then" })).toContainText("true");
  await expectAccessibleInBothThemes(page, "what a switch would change");
  await page.getByRole("table", { name: "What visitors get now and then" }).getByRole("link").first().click();
  await expect(page.getByText(/They get true/)).toBeVisible();
  await api.post(`/api/v1/flags/production/${key}/archive`);
});
