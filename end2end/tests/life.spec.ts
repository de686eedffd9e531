import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessible } from "../fixtures/axe.ts";
import { awake } from "../fixtures/demo.ts";
import { expect, test } from "../fixtures/test.ts";

test("a start is planned, refused at a time that does not exist, taken back, and happens; a ramp is held", async ({
  browser,
  owner: page,
  stack,
  browserLog,
}) => {
  browserLog.expect(/(answer|status of) 422/);
  const api = await Api.of(browser, stack, stack.owner_email);
  const id = fresh("planned");
  await api.create(id, { environment: "staging", ramp: [{ coverage_bp: 500, minutes: 60 }] });

  await page.goto(`/experiments/${id}/schedule`);
  await awake(page);
  // New York's clocks go from 2 to 3 that night.
  await page.getByLabel("Begins").fill("2027-03-14T02:30");
  await page.getByLabel("Time zone").fill("America/New_York");
  await page.getByRole("button", { name: "Plan the start" }).click();
  await expect(page.getByText("This local time does not exist").first()).toBeVisible();
  await expect(page.getByLabel("Begins")).toHaveValue("2027-03-14T02:30");

  await page.getByLabel("Begins").fill("2030-06-01T09:00");
  await page.getByRole("button", { name: "Plan the start" }).click();
  await expect(page.getByText("Starts by itself: 1 Jun 2030, 09:00 EDT")).toBeVisible();
  await expectAccessible(page, "a scheduled experiment");
  await page.getByRole("link", { name: "Take off the plan" }).click();
  await page.getByRole("button", { name: "Take it off the plan" }).click();
  await expect(page.getByText("Not started yet")).toBeVisible();

  await api.post(`/api/v1/experiments/${id}/schedule`, { start_ms: Date.now() + 3000 });
  const status = async () => (await api.detail(id)).experiment.status;
  await expect.poll(status, { timeout: 15_000, intervals: [200] }).toBe("running");
  const [start] = await api.auditOf(id);
  expect(start).toMatchObject({ action: "experiment.start", actor_kind: "system" });

  await page.goto(`/experiments/${id}`);
  await expect(page.getByText("Ramping: step 1 of 2.")).toBeVisible();
  await page.getByRole("link", { name: "Hold the ramp" }).click();
  await page.getByRole("button", { name: "Hold the ramp" }).click();
  await expect(page.getByText("holds it at this step")).toBeVisible();
  await api.stop(id);
});

test("what runs is ended by a decision only with a choice and its id", async ({
  browser,
  owner: page,
  stack,
  browserLog,
}) => {
  browserLog.expect(/(answer|status of) 422/);
  const api = await Api.of(browser, stack, stack.owner_email);
  const id = fresh("to-decide");
  await api.create(id, { environment: "staging" });
  await api.start(id);
  await page.goto(`/experiments/${id}/decide`);
  await awake(page);
  await expect(page.getByRole("radio", { checked: true })).toHaveCount(0);
  const field = page.locator("#typed");
  const error = page.locator("#typed-error");
  const end = page.getByRole("button", { name: "End it and record the decision" });
  await expect(error).toBeHidden();
  await field.fill("something else");
  await field.press("Tab");
  await expect(error).toContainText(`That is not ${id}.`);
  await field.fill(id);
  await expect(error).toBeHidden();
  await field.fill("");
  // It says that it is disabled, and still answers.
  await end.click({ force: true });
  await expect(error).toBeVisible();
  await expect(field).toBeFocused();
  await expectAccessible(page, "a decision with another name");
  await field.fill(id);
  await end.click();
  await expect(page.getByRole("link", { name: "Choose what becomes of it." })).toBeVisible();
  await expect(field, "what was typed is kept").toHaveValue(id);
  await page.getByRole("radio", { name: "Inconclusive" }).check();
  await page.getByRole("button", { name: "End it and record the decision" }).click();
  await expect(page.getByText("Decision recorded.")).toBeVisible();
});
