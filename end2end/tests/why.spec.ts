import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessibleInBothThemes } from "../fixtures/axe.ts";
import { expect, test } from "../fixtures/test.ts";

interface Snapshot {
  version: number;
}

test("a context is pasted, explained part by part, and asked of two snapshots", async ({ owner: page, browser, browserLog, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const key = fresh("why");
  const condition = { $or: [{ plan: { $in: ["pro", "team"] } }, { age: { $gte: 65 } }] };
  const rules = [{ value: true, coverage_bp: 10_000, targeting: { condition } }];
  await api.post("/api/v1/flags", { key, environment: "production", name: "Why", kind: "boolean", value: false, rules });
  const newest = async () => (await api.get<Snapshot[]>("/api/v1/environments/production/snapshots"))[0]?.version;
  const off = await newest();
  await api.post(`/api/v1/flags/production/${key}/enable`);
  const on = await newest();

  await page.goto(`/flags/production/${key}`);
  browserLog.expect(/(answer|status of) 422/);
  await page.locator("#attributes").fill('{"id": "ann", "country": "Japan",\n "plan" "free"}');
  await page.getByRole("button", { name: "Explain" }).click();
  await expect(page.locator("#attributes-error")).toContainText("Line 2, column");
  await expect(page.locator("#attributes"), "what was typed is kept").toHaveValue(/"plan" "free"/);
  await page.locator("#attributes").fill('{"id": "ann", "country": "Japan",\n "plan": "free"}');
  await page.getByRole("button", { name: "Explain" }).click();
  await expect(page.locator("#user"), "the object fills the fields").toHaveValue("ann");
  await expect(page.locator("#country")).toHaveValue("JP");
  const steps = page.locator(".why-steps").first();
  await expect(steps).toContainText("plan is one of pro, team");
  await expect(steps).toContainText("fnv1a32(");
  await expect(page.getByText("They get false")).toBeVisible();

  await page.locator("#attributes").fill("plan=pro");
  await page.getByRole("button", { name: "Explain" }).click();
  await page.locator("#compare-from").selectOption(String(off));
  await page.locator("#compare-to").selectOption(String(on));
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page.getByText(/Gets true .*instead of false/)).toBeVisible();
  await expectAccessibleInBothThemes(page, "two snapshots beside each other");
  await page.goto(`/flags/production/${key}?user=ann&from=999999&to=next`);
  await expect(page.getByText("There is no snapshot 999999 to ask")).toBeVisible();
  await api.post(`/api/v1/flags/production/${key}/archive`);
});
