import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessible } from "../fixtures/axe.ts";
import { awake } from "../fixtures/demo.ts";
import { expect, test } from "../fixtures/test.ts";

test("a draft is seen by a link in one browser, counted nowhere, left and revoked", async ({
  owner: page,
  browser,
  stack,
}) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const id = fresh("seen");
  await api.create(id);
  await page.goto(`/experiments/${id}`);
  await page.getByRole("link", { name: "Links for testers" }).click();
  await page.getByLabel("Page of your product").fill(`${stack.gateway_url}/?from=qa`);
  await page.getByRole("button", { name: "Make links" }).click();
  await expect(page.getByText("Links made.")).toBeVisible();
  await expectAccessible(page, "links for testers");
  const link = page.locator(".qa-link").filter({ hasText: "See it as variant treatment" });
  const url = (await link.locator("code").textContent()) ?? "";

  const tester = await (await browser.newContext()).newPage();
  await expect(async () => {
    const answer = await tester.goto(url);
    expect(answer?.headers()["x-nexus-qa"]).toBe(`experiment:${id}=treatment`);
  }).toPass({ timeout: 20_000 });
  expect(tester.url(), "without the parameter").toBe(`${stack.gateway_url}/?from=qa`);
  const again = await tester.goto(stack.gateway_url);
  expect(again?.headers()["x-nexus-qa"]).toBe(`experiment:${id}=treatment`);
  const others = await page.context().request.get(stack.gateway_url);
  expect(others.headers()["x-nexus-qa"], "only that browser").toBeUndefined();
  expect((await api.detail(id)).results.variants.every(({ exposures }) => exposures === 0)).toBe(true);

  const left = await tester.goto(`${stack.gateway_url}/?nexus_qa=off`);
  expect(left?.headers()["x-nexus-qa"]).toBeUndefined();
  await link.getByRole("link", { name: "Revoke" }).click();
  await page.getByLabel(`Type ${id} to confirm`).fill(id);
  await page.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("Link revoked.")).toBeVisible();
  await expect(async () => {
    expect((await tester.goto(url))?.status()).toBe(404);
  }).toPass({ timeout: 20_000 });
  const actions = (await api.auditOf(id)).map(({ action }) => action);
  expect(actions).toContain("experiment.make_qa_link");
  expect(actions).toContain("experiment.revoke_qa_link");
  await tester.context().close();
});

test("an experiment begins from a template, and a team saves and deletes its own", async ({ owner: page, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const [id, name] = [fresh("modelled"), fresh("Template")];
  await page.goto("/experiments/new");
  await page.getByRole("link", { name: "Begin from a template" }).click();
  await page.getByRole("link", { name: "Comparison of models or prompts" }).click();
  await expect(page.locator("#name")).toHaveValue("Comparison of models or prompts");
  await page.locator("#id").fill(id);
  await page.locator("#environment").selectOption("preview");
  await page.getByRole("button", { name: "Create draft" }).last().click();
  await expect(page.getByText("cost", { exact: true }).first()).toBeVisible();

  await page.goto(`/experiments/${id}/template`);
  await page.locator("#name").fill(name);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Template saved.")).toBeVisible();
  await expectAccessible(page, "templates");
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page.locator("#name")).toHaveValue("Comparison of models or prompts");
  await page.goto("/templates");
  await page.getByRole("link", { name: `Delete (${name})` }).click();
  await expectAccessible(page, "what deleting a template does");
  await page.getByLabel(`Type ${name} to confirm`).fill(name);
  await page.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("Template deleted.")).toBeVisible();
  expect((await api.get<object[]>("/api/v1/templates/experiments")).length).toBe(0);
});

test("the condition builder proposes saved groups, names them, and refuses those there are not", async ({
  owner: page,
  browser,
  stack,
}) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const group = fresh("named");
  await api.post("/api/v1/saved-groups", {
    id: group, environment: "production", name: "Named people", kind: "list", attribute: "id", values: ["ann"],
  });
  await page.goto("/experiments/new");
  await awake(page);
  await page.getByRole("button", { name: "Add condition" }).click();
  const row = page.locator(".condition-row").first();
  await row.locator('[name="condition_attribute"]').fill("id");
  await row.locator("select").selectOption("in_group");
  await expect(row.locator(".condition-value")).toHaveAttribute("list", "condition-groups");
  await expect(page.locator(`#condition-groups option[value="${group}"]`)).toHaveText("Named people");
  await row.locator(".condition-value").fill(group);
  await page.getByRole("button", { name: "Add condition" }).first().click();
  await expect(page.getByText("Saved group: Named people")).toBeVisible();
  await page.locator(".condition-value").first().fill("nowhere");
  await page.getByRole("button", { name: "Add condition" }).first().click();
  await expect(page.getByText("There is no saved group “nowhere” in this environment.")).toBeVisible();
});

test("a segment is made in rows, by names of places, and chosen by its name", async ({ owner: page, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const [segment, key] = [fresh("segment"), fresh("aimed")];
  await page.goto("/saved-groups/new");
  await awake(page);
  await page.locator("#name").fill("People of Tokyo");
  await page.locator("#id").fill(segment);
  await page.locator("#environment").selectOption("development");
  await page.getByRole("radio", { name: /^Condition/ }).check();
  await page.getByRole("button", { name: "Add condition" }).click();
  const row = page.locator(".condition-row").first();
  await row.locator('[name="condition_attribute"]').fill("subdivision");
  await row.locator("select").selectOption("one_of");
  await expect(row.locator(".condition-value"), "known values are proposed").toHaveAttribute("list", "condition-of-subdivision");
  await row.locator(".condition-value").fill("Tokyo, Osaka");
  await page.getByRole("button", { name: "Add condition" }).click();
  await expect(row.locator(".condition-value")).toHaveValue("JP-13, JP-27");
  await expectAccessible(page, "a segment in rows");
  await page.getByRole("button", { name: "Create group" }).last().click();
  await expect(page.getByText("subdivision is one of JP-13, JP-27")).toBeVisible();

  await api.post("/api/v1/flags", { key, environment: "development", name: "Aimed", kind: "boolean", value: false, rules: [{ value: true }] });
  await page.goto(`/flags/development/${key}/edit`);
  await awake(page);
  await page.getByText("Attributes and condition").click();
  await page.getByRole("button", { name: "Add saved group" }).click();
  await page.getByLabel("Saved group", { exact: true }).selectOption({ label: "People of Tokyo" });
  await page.locator('[name="rule-0-countries"]').first().fill("Japan, EU");
  await page.getByRole("button", { name: "Save" }).last().click();
  await expect(page.getByText(`The user is in ${segment}`)).toBeVisible();
  const { flag } = await api.get<{ flag: { rules: { targeting: object }[] } }>(`/api/v1/flags/development/${key}`);
  expect(flag.rules[0]?.targeting).toMatchObject({ condition: { $savedGroups: [segment] } });
  await api.post(`/api/v1/flags/development/${key}/archive`);
});

test("a rule that respects a holdout says so and takes nobody in whom it holds out", async ({ owner: page, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const [holdout, key] = [fresh("held"), fresh("bound")];
  await api.post("/api/v1/holdouts", { id: holdout, environment: "preview", name: "Half", share_bp: 5000, goal: "purchase" });
  await api.post("/api/v1/flags", {
    key, environment: "preview", name: "Bound", kind: "boolean", value: false, rules: [{ value: true, holdouts: [holdout] }],
  });
  await page.goto(`/flags/preview/${key}/edit`);
  await expect(page.getByRole("checkbox", { name: "Half" })).toBeChecked();
  await page.goto(`/flags/preview/${key}`);
  await expect(page.getByText("Not for users held out by")).toBeVisible();
  const answers = new Set<string>();
  for (const user of ["ann", "bob", "cem", "dia", "eve", "fay", "gus", "hal", "ian", "joe"]) {
    await page.goto(`/flags/preview/${key}?user=${user}`);
    answers.add((await page.getByText(/They get (true|false)/).textContent()) ?? "");
  }
  expect(answers.size, "some are held out, some are not").toBe(2);
  await api.post(`/api/v1/holdouts/${holdout}/stop`);
});

test("a new rule joins the holdout that binds flags, unless its author says why not", async ({ owner: page, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const [holdout, key] = [fresh("binding"), fresh("joins")];
  await api.post("/api/v1/holdouts", { id: holdout, environment: "development", name: "Half of all", share_bp: 5000, goal: "purchase", global: true });
  await api.post("/api/v1/flags", { key, environment: "development", name: "Joins", kind: "boolean", value: false, rules: [{ value: true }] });
  await page.goto(`/flags/development/${key}`);
  await expect(page.getByText("Not for users held out by")).toBeVisible();
  await page.goto(`/flags/development/${key}/edit`);
  await expect(page.getByText("takes in nobody whom the holdout “Half of all” holds out")).toBeVisible();
  await page.getByLabel("Take them in all the same, because").fill("A fix that everybody needs");
  await page.getByRole("button", { name: "Save" }).last().click();
  await expect(page.getByText("Also for users held out, because: A fix that everybody needs")).toBeVisible();
  await page.goto(`/holdouts/${holdout}`);
  await expect(page.locator("#unbound")).toContainText("A fix that everybody needs");
  await expectAccessible(page, "a holdout that binds flags");
  await api.post(`/api/v1/holdouts/${holdout}/stop`);
});
