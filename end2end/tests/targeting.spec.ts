import { Api, fresh } from "../fixtures/api.ts";
import { awake } from "../fixtures/demo.ts";
import { expect, test } from "../fixtures/test.ts";

interface Flag {
  propagation: { version: number; gateways: { version: number; current: boolean }[] };
}

test("a saved group is made, used by a rule, changed, and reaches every gateway", async ({ owner, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const [group, base, key] = [fresh("group"), fresh("base"), fresh("flag")];
  await owner.goto("/saved-groups/new");
  await awake(owner);
  await owner.locator("#name").fill("Beta testers");
  await owner.locator("#id").fill(group);
  await owner.locator("#environment").selectOption("production");
  await owner.locator("#values").fill("ann\nbob\nann\n");
  await owner.getByRole("button", { name: "Create group" }).click();
  await expect(owner.getByText("Saved group created.")).toBeVisible();
  await expect(owner.getByText("2 values of id")).toBeVisible();
  await owner.getByLabel("Is somebody in it?").fill("bob");
  await owner.getByRole("button", { name: "Look" }).click();
  await expect(owner.getByText("is in the list.")).toBeVisible();

  const everybody = [{ value: true }];
  await api.post("/api/v1/flags", { key: base, environment: "production", name: "Base", kind: "boolean", value: false, rules: everybody });
  await owner.goto("/flags/new");
  await owner.locator("#name").fill("For testers");
  await owner.locator("#key").fill(key);
  await owner.locator("#environment").selectOption("production");
  await owner.locator('[name="needs_flag"]').first().fill(base);
  await owner.locator('[name="needs_value"]').first().fill("true");
  await owner.getByRole("button", { name: "Add rule" }).click();
  await owner.locator("#rule-0").getByText("Attributes and condition").click();
  await owner.locator("#rule-0").getByRole("button", { name: "Edit as JSON" }).click();
  await owner.locator("#rule-0").getByLabel("Condition (JSON)").fill(`{"$savedGroups": ["${group}"]}`);
  await owner.getByRole("button", { name: "Create flag" }).last().click();
  await expect(owner.getByText("Flag created. It is switched off.")).toBeVisible();
  await expect(owner.getByText(`Only while ${base} is true`)).toBeVisible();
  await owner.getByRole("button", { name: "Switch on" }).click();

  const gets = async (user: string): Promise<string> => {
    await owner.goto(`/flags/production/${key}?user=${user}`);
    return (await owner.getByText(/They get (true|false)/).textContent()) ?? "";
  };
  expect(await gets("ann"), "the other flag is off").toContain("false");
  await api.post(`/api/v1/flags/production/${base}/enable`);
  expect(await gets("ann")).toContain("true");
  expect(await gets("eve")).toContain("false");

  await owner.goto(`/saved-groups/production/${group}/edit`);
  await owner.locator("#values").fill("eve");
  await owner.getByRole("button", { name: "Save" }).click();
  await expect(owner.getByText("What names the group follows within seconds.")).toBeVisible();
  await expect(owner.getByRole("link", { name: "Archive" }), "it is in use").toBeDisabled();
  expect(await gets("eve")).toContain("true");
  await expect(async () => {
    const { propagation } = await api.get<Flag>(`/api/v1/flags/production/${key}`);
    expect(propagation.gateways.every((gateway) => gateway.current)).toBe(true);
  }).toPass({ timeout: 20_000 });
});

test("a holdout of a team is joined by what the team starts", async ({ owner, browser, stack, browserLog }) => {
  browserLog.expect(/(answer|status of) 422/);
  const api = await Api.of(browser, stack, stack.owner_email);
  const [holdout, id, team] = [fresh("holdout"), fresh("held"), fresh("team")];
  await owner.goto("/holdouts/new");
  await awake(owner);
  await owner.locator("#name").fill("What the team does");
  await owner.locator("#id").fill(holdout);
  await owner.locator("#environment").selectOption("production");
  await owner.getByLabel("Those of a team").check();
  await owner.locator("#share").fill("10");
  await owner.getByRole("button", { name: "Create holdout" }).click();
  await expect(owner.locator("#team"), "it says which").toHaveAttribute("aria-invalid", "true");
  await owner.locator("#team").fill(team);
  await owner.getByRole("button", { name: "Create holdout" }).click();
  await expect(owner.getByText("Holdout created.")).toBeVisible();
  await expect(owner.locator("#facts")).toContainText(`Those of the team ${team}`);
  await owner.goto("/experiments/new");
  await expect(owner.locator(`#teams option[value="${team}"]`), "it is offered").toHaveCount(1);
  await api.create(id, { team });
  await api.start(id);
  await owner.goto(`/experiments/${id}`);
  await expect(owner.getByText(`leaves out 10% (${holdout})`)).toBeVisible();
  await owner.getByRole("link", { name: team, exact: true }).click();
  await expect(owner.locator("#experiment-list")).toContainText(id);
  await api.stop(id);
  await api.post(`/api/v1/holdouts/${holdout}/stop`);
});

test("a holdout is made, joined by an experiment that chooses it, and stopped", async ({ owner, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const [holdout, id] = [fresh("holdout"), fresh("held")];
  await owner.goto("/holdouts/new");
  await awake(owner);
  await owner.locator("#name").fill("Search team");
  await owner.locator("#id").fill(holdout);
  await owner.locator("#environment").selectOption("production");
  await owner.getByLabel("Those that choose it").check();
  await owner.locator("#share").fill("10");
  await owner.getByRole("button", { name: "Create holdout" }).click();
  await expect(owner.getByText("Holdout created.")).toBeVisible();
  await api.create(id, { holdout });
  await api.start(id);
  await owner.goto(`/experiments/${id}`);
  await expect(owner.getByText(`leaves out 10% (${holdout})`)).toBeVisible();
  await owner.goto(`/holdouts/${holdout}`);
  await expect(owner.locator("#experiments")).toContainText(id);
  await api.stop(id);
  await owner.getByRole("link", { name: "Stop" }).click();
  await owner.locator('[name="typed"]').fill(holdout);
  await owner.getByRole("button", { name: "Stop" }).click();
  await expect(owner.getByText("Holdout stopped.")).toBeVisible();
});
