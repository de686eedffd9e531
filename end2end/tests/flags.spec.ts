import type { Page } from "@playwright/test";
import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessibleInBothThemes } from "../fixtures/axe.ts";
import { awake } from "../fixtures/demo.ts";
import { expect, test } from "../fixtures/test.ts";

interface Flag {
  flag: { version: number; enabled: boolean; rules: { id: string; name: string; coverage_bp: number }[] };
  propagation: { version: number; published_ms: number | null; gateways: { version: number; current: boolean }[] };
}

/** A flag with these rules, each for a tenth of all users. */
async function make(api: Api, key: string, rules: string[]): Promise<void> {
  await api.post("/api/v1/flags", {
    key,
    environment: "production",
    name: `Test ${key}`,
    kind: "boolean",
    value: false,
    rules: rules.map((name) => ({ name, value: true, coverage_bp: 1000 })),
  });
}

const names = (page: Page) => page.locator('[name$="-name"]').evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));

test("a flag is made, switched on, reaches every gateway, and is killed", async ({ owner, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const key = fresh("flag");
  const home = `/flags/production/${key}`;
  await owner.goto("/flags/new");
  await awake(owner);
  await owner.getByLabel("Name", { exact: false }).first().fill("New checkout");
  await owner.locator("#key").fill(key);
  await owner.locator("#environment").selectOption("production");
  await owner.getByRole("button", { name: "Add rule" }).click();
  await expect(owner.locator("#name"), "nothing typed is lost").toHaveValue("New checkout");
  await owner.locator("#rule-0-coverage").fill("25");
  await owner.getByRole("button", { name: "Create flag" }).last().click();
  await expect(owner.getByText("Flag created. It is switched off.")).toBeVisible();
  await expect(owner.getByRole("heading", { name: "Off: everybody gets false" })).toBeVisible();

  await owner.getByRole("button", { name: "Switch on" }).click();
  await expect(owner.getByRole("heading", { name: "On: its rules decide" })).toBeVisible();
  await expect(async () => {
    const { flag, propagation } = await api.get<Flag>(`/api/v1/flags/production/${key}`);
    expect(flag.enabled).toBe(true);
    expect(propagation.gateways.length).toBeGreaterThan(0);
    expect(propagation.gateways.every((gateway) => gateway.current)).toBe(true);
  }).toPass({ timeout: 20_000 });

  await owner.getByLabel("User id").fill("ada");
  await owner.getByRole("button", { name: "Explain" }).click();
  await expect(owner.getByText(/They get (true|false)/)).toBeVisible();

  await owner.getByText("Give a reason").click();
  await owner.getByLabel("Reason").fill("it burns");
  await owner.getByRole("button", { name: "Switch off" }).click();
  await expect(owner.getByRole("heading", { name: "Off: everybody gets false" })).toBeVisible();
  await expect(owner.locator("#history")).toContainText("it burns");

  await owner.getByRole("link", { name: "Archive" }).click();
  // At once, before the page has woken: what is typed then counts too.
  await owner.getByLabel(`Type ${key} to confirm`).fill(key);
  await owner.getByRole("button", { name: "Archive" }).click();
  await expect(owner.getByText("Flag archived.")).toBeVisible();
  await owner.goto(home);
  await owner.getByRole("button", { name: "Bring back" }).click();
  await expect(owner.getByRole("heading", { name: "Off: everybody gets false" })).toBeVisible();
});

test("rules are moved by button, by key and by dragging, and keep their ids", async ({ owner, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const key = fresh("order");
  await make(api, key, ["first", "second", "third"]);
  await owner.goto(`/flags/production/${key}/edit`);
  await awake(owner);
  expect(await names(owner)).toEqual(["first", "second", "third"]);

  await owner.getByRole("button", { name: "Move rule 3 up" }).click();
  expect(await names(owner)).toEqual(["first", "third", "second"]);
  // The moved button keeps the focus and is renamed, so that it can be pressed again.
  await expect(owner.getByRole("button", { name: "Move rule 2 up" })).toBeFocused();
  await owner.keyboard.press("Enter");
  expect(await names(owner)).toEqual(["third", "first", "second"]);
  await expect(owner.getByText("Now rule 1")).toBeAttached();

  const target = owner.getByRole("group", { name: "Rule 1", exact: true });
  const grip = owner.locator("[data-grip]").nth(2);
  await grip.hover();
  await owner.mouse.down();
  // As by hand: the drag begins before anything scrolls.
  const { x = 0, y = 0 } = (await grip.boundingBox()) ?? {};
  await owner.mouse.move(x + 12, y - 20, { steps: 4 });
  for (let moves = 0; moves < 2; moves++) await target.hover({ position: { x: 40, y: 120 + moves }, force: true });
  await owner.mouse.up();
  await expect.poll(() => names(owner)).toEqual(["second", "third", "first"]);
  await owner.getByRole("button", { name: "Remove rule 2" }).click();
  await owner.getByRole("button", { name: "Save" }).last().click();
  await expect(owner.getByText("Saved.")).toBeVisible();
  const { flag } = await api.get<Flag>(`/api/v1/flags/production/${key}`);
  expect(flag.rules.map(({ id, name }) => [id, name])).toEqual([
    ["r2", "second"],
    ["r1", "first"],
  ]);
});

test("the kind of a new flag changes what its values are typed into", async ({ owner }) => {
  await owner.goto("/flags/new");
  await awake(owner);
  await expect(owner.locator("#kind-apply")).toBeHidden();
  await owner.locator("#kind").selectOption("json");
  await expect(owner.locator("textarea#value")).toHaveValue("{}");
  await awake(owner);
  await owner.locator("#kind").selectOption("number");
  await expect(owner.locator("input#value")).toHaveValue("");
});

test.describe("without a script", () => {
  test.use({ javaScriptEnabled: false });
  // The browser refuses the script that the page offers: that is what "off" means.
  test.beforeEach(({ browserLog }) => browserLog.expect(/\/assets\/client\.\w+\.js: csp$/));

  test("rules are added, moved and removed all the same", async ({ owner }) => {
    await owner.goto("/flags/new");
    await owner.locator("#name").fill("Plain");
    for (const name of ["one", "two"]) {
      await owner.getByRole("button", { name: "Add rule" }).click();
      await owner.locator('[name$="-name"]').last().fill(name);
    }
    await owner.getByRole("button", { name: "Move rule 2 up" }).click();
    expect(await names(owner)).toEqual(["two", "one"]);
    await owner.getByRole("button", { name: "Remove rule 1" }).click();
    expect(await names(owner)).toEqual(["one"]);
    await owner.locator("#kind").selectOption("string");
    await owner.getByRole("button", { name: "Use this kind" }).click();
    await expect(owner.locator("input#value")).toBeVisible();
    const key = fresh("plain");
    await owner.locator("#key").fill(key);
    await owner.getByRole("button", { name: "Create flag" }).last().click();
    await expect(owner.getByText("Flag created.")).toBeVisible();
  });
});

test("a flag that is off is off for its experiments, and both pages say so", async ({ owner, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const [key, id] = [`${fresh("cta")}.Text`, fresh("words")];
  await api.post("/api/v1/flags", { key, environment: "production", name: "Words", kind: "string", value: "old" });
  const variant = (name: string) => ({ key: name, name, weight_bp: 5000, features: { [key]: name } });
  await api.create(id, { variants: [variant("control"), variant("treatment")] });
  await owner.goto(`/experiments/${id}/start`);
  await expect(owner.getByText(`Off at the moment, so every variant gives their off value: ${key}.`)).toBeVisible();
  await owner.getByRole("button", { name: "Start" }).click();
  const off = owner.locator("#live-headline .callout");
  await expect(off).toContainText("It sets flags that are off");
  await expectAccessibleInBothThemes(owner, "an experiment whose flag is off");
  await off.getByRole("link", { name: key }).click();
  const setBy = owner.locator("#live-set-by");
  await expect(setBy).toContainText("these experiments compare nothing by it");
  await owner.getByRole("button", { name: "Switch on" }).click();
  await expect(setBy).toContainText("gets the experiment’s value before any rule");
  await setBy.getByRole("link").click();
  await expect(owner.locator("#live-headline .headline")).toBeVisible();
  await expect(off).toHaveCount(0);
  await api.stop(id);
});

test("what an imported flag needs is named and comes with it", async ({ owner, browser, browserLog, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const [child, parent] = [fresh("child"), `${fresh("parent")}.V2`];
  const gate = { parentConditions: [{ id: parent, condition: { value: true }, gate: true }] };
  const file = { features: { [child]: { defaultValue: false, rules: [gate, { id: "fr", force: true }] }, [parent]: { defaultValue: true } } };
  await owner.goto("/flags/import");
  await owner.locator("#file").fill(JSON.stringify(file));
  await owner.locator("#environment").selectOption("production");
  await owner.getByRole("button", { name: "See what would happen" }).click();
  await expect(owner.getByText(`needs ${parent} of this file`)).toBeVisible();
  await owner.getByRole("checkbox", { name: `Import: ${parent}` }).uncheck();
  browserLog.expect(/(answer|status of) 422/);
  await owner.getByRole("button", { name: "Import the ticked flags" }).click();
  await expect(owner.locator(".error-summary")).toContainText(parent);
  await owner.getByRole("checkbox", { name: `Import: ${parent}` }).check();
  await owner.getByRole("button", { name: "Import the ticked flags" }).click();
  await expect(owner.getByText(/^Flags imported: \d+/)).toBeVisible();
  const { flag } = await api.get<{ flag: { prerequisites: { flag: string }[] } }>(`/api/v1/flags/production/${child}`);
  expect(flag.prerequisites.map((need) => need.flag)).toEqual([parent]);
});

test("flags come from an export file after a preview", async ({ owner, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const key = fresh("import");
  const file = JSON.stringify({ features: { [key]: { defaultValue: "old", rules: [{ id: "fr_a", force: "new", coverage: 0.5 }] } } });
  await owner.goto("/flags/import");
  await awake(owner);
  await owner.getByLabel("Choose a file").setInputFiles({ name: "export.json", mimeType: "application/json", buffer: Buffer.from(file) });
  await expect(owner.locator("#file")).toHaveValue(file);
  await owner.locator("#environment").selectOption("production");
  await owner.getByRole("button", { name: "See what would happen" }).click();
  await expect(owner.getByText("the share stays, but other users are in it")).toBeVisible();
  await expect(owner.getByRole("checkbox", { name: `Import: ${key}` })).toBeChecked();
  await owner.getByRole("button", { name: "Import the ticked flags" }).click();
  await expect(owner.getByText(/^Flags imported: \d+/)).toBeVisible();
  const { flag } = await api.get<Flag>(`/api/v1/flags/production/${key}`);
  expect(flag.rules.map(({ id, coverage_bp }) => [id, coverage_bp])).toEqual([["fr_a", 5000]]);
  expect(flag.enabled).toBe(false);
});
