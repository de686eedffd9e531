import type { Locator, Page } from "@playwright/test";
import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessible } from "../fixtures/axe.ts";
import { awake } from "../fixtures/demo.ts";
import { keyboardProblems } from "../fixtures/keyboard.ts";
import { expect, test } from "../fixtures/test.ts";

test("the first key press offers to skip the navigation", async ({ owner }) => {
  await owner.goto("/");
  await owner.keyboard.press("Tab");
  const skip = owner.getByRole("link", { name: "Skip to content" });
  await expect(skip).toBeFocused();
  await expect(skip).toBeInViewport();
  await owner.keyboard.press("Enter");
  await expect(owner.locator("#main")).toBeFocused();
});

test("what is asked of every page finds what is out of reach, can't be seen, or is only for the mouse", async ({ page }) => {
  await page.setContent(`
    <style>:focus-visible { outline: 2px solid } .plain:focus { outline: none } .mouse { cursor: pointer }</style>
    <a href="#good">good</a> <a href="#plain" class="plain">plain</a> <span class="mouse">mouse</span>
    <input type="radio" name="one"><input type="radio" name="one" checked> <input type="datetime-local">
    <button style="position: fixed; top: -99px">outside</button>
    <button id="held" onfocus="this.previousElementSibling.previousElementSibling.focus()">held</button>
    <button id="never">never</button>`);
  const problems = await keyboardProblems(page);
  expect(problems.map((problem) => problem.replace(/: .*(plain|mouse|-99px|held|never).*/, ": $1"))).toEqual([
    "only for the mouse: mouse",
    "the focus can't be seen: plain",
    "hidden while it has the focus: -99px",
    "Tab does not reach it: held",
    "Tab does not reach it: never",
  ]);
});

test("the command palette: open, type, choose, go; and back where one was", async ({ owner, browser, stack }) => {
  const id = fresh("palette");
  const api = await Api.of(browser, stack, stack.owner_email);
  await api.create(id);
  await owner.goto("/experiments");
  await awake(owner);
  const search = owner.getByRole("searchbox", { name: "Search" });
  await search.focus();

  await owner.keyboard.press("Control+k");
  const palette = owner.getByRole("dialog", { name: "Command palette" });
  await expect(palette).toBeVisible();
  await expect(palette.getByRole("combobox")).toBeFocused();
  await expectAccessible(owner, "the command palette");
  await owner.keyboard.press("Escape");
  await expect(palette).toBeHidden();
  await expect(search).toBeFocused();

  await owner.keyboard.press("Control+k");
  const options = palette.getByRole("option");
  const first = options.first();
  await expect(first).toHaveAttribute("aria-selected", "true");
  await owner.keyboard.press("ArrowDown");
  await expect(options.nth(1)).toHaveAttribute("aria-selected", "true");
  await owner.keyboard.press("ArrowUp");
  await expect(first).toHaveAttribute("aria-selected", "true");

  await owner.keyboard.type("audit");
  await expect(first).toContainText("Audit log");
  await owner.keyboard.press("Enter");
  await expect(owner).toHaveURL(/\/audit$/);

  await awake(owner);
  await owner.keyboard.press("Control+k");
  await owner.keyboard.type("stale");
  await expect(first).toContainText("Stale flags");
  await owner.keyboard.press("Enter");
  await expect(owner).toHaveURL(/\/flags\?stale=yes$/);

  await awake(owner);
  await owner.keyboard.press("Control+k");
  await owner.keyboard.type(id);
  await expect(first).toContainText(id);
  await owner.keyboard.press("Enter");
  await expect(owner).toHaveURL(new RegExp(`/experiments/${id}$`));
});

test("an experiment is created without a mouse", async ({ owner }) => {
  const name = `Keyboard ${Date.now().toString(36)}`;
  await owner.goto("/experiments/new");
  await awake(owner);
  await owner.locator("#title").focus();
  for (let presses = 0; presses < 10 && !(await focused(owner, "#name")); presses++) await owner.keyboard.press("Tab");
  await expect(owner.locator("#name")).toBeFocused();
  await owner.keyboard.type(name);
  await expect(owner.locator("#id"), "the id follows the name").toHaveValue(name.toLowerCase().replace(" ", "-"));

  // A third variant: the button is reached by Tab and pressed by Space.
  const add = owner.getByRole("button", { name: "Add variant" });
  for (let presses = 0; presses < 30 && !(await add.evaluate((b) => b === document.activeElement)); presses++) {
    await owner.keyboard.press("Tab");
  }
  await owner.keyboard.press("Space");
  await expect(owner.locator('[name="variant_key"]')).toHaveCount(3);
  await owner.getByRole("button", { name: "Distribute evenly" }).press("Enter");
  await expect(owner.getByText("Weights add up to 100%")).toBeVisible();

  await owner.getByLabel("Conversion goal").focus();
  await owner.keyboard.press("ControlOrMeta+a");
  await owner.keyboard.type("conversion");
  await owner.keyboard.press("Enter");
  await expect(owner.getByText("Experiment created.")).toBeVisible();
  await expect(owner.getByRole("heading", { level: 1, name })).toBeVisible();
});

test("errors of a form are in sight, also after a link within the page", async ({ owner, browserLog }) => {
  browserLog.expect(/(answer|status of) 422/);
  await owner.goto("/experiments/new");
  await awake(owner);
  const parts = owner.getByRole("navigation", { name: "Parts of the form" });
  await parts.getByRole("link", { name: "Schedule" }).click();
  await expect(owner.locator("#schedule-title")).toBeInViewport();
  await owner.getByRole("button", { name: "Create draft", exact: true }).click();
  await expect(owner.locator("#errors")).toBeFocused();
  await expect(owner.locator("#errors")).toBeInViewport();
});

async function focused(page: Page, selector: string): Promise<boolean> {
  return page.locator(selector).evaluate((element) => element === document.activeElement);
}

/** Presses Tab until the control has the focus, as somebody without a mouse does. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  const has = async () => control.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 60 && !(await has()); presses++) await page.keyboard.press("Tab");
  await expect(control).toBeFocused();
}

test("a user is explained without a mouse", async ({ owner, browser, stack }) => {
  const id = fresh("keys-why");
  await (await Api.of(browser, stack, stack.owner_email)).create(id);
  await owner.goto(`/experiments/${id}/why`);
  await awake(owner);
  await owner.locator("#title").focus();
  await tabTo(owner, owner.getByLabel("User id"));
  await owner.keyboard.type("ann");
  await tabTo(owner, owner.getByLabel("Device"));
  await owner.keyboard.type("Mobile");
  await tabTo(owner, owner.getByRole("button", { name: "Explain" }));
  await owner.keyboard.press("Enter");
  await expect(owner).toHaveURL(/user=ann&country=&device=mobile/);
  await expect(owner.getByRole("heading", { name: "Answer" })).toBeVisible();
});

test("a start is planned, and what came of it is recorded, without a mouse", async ({ owner, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const id = fresh("keys-life");
  await api.create(id, { environment: "staging" });
  await owner.goto(`/experiments/${id}/schedule`);
  await awake(owner);
  await owner.locator("#title").focus();
  const begins = owner.getByLabel("Begins");
  await tabTo(owner, begins);
  // Its parts are typed one after the other, as a person does.
  await owner.keyboard.type("06012030");
  await owner.keyboard.press("Tab");
  await owner.keyboard.type("0900AM");
  await expect(begins).toHaveValue("2030-06-01T09:00");
  await tabTo(owner, owner.getByRole("button", { name: "Plan the start" }));
  await owner.keyboard.press("Enter");
  await expect(owner.getByText("Starts by itself: 1 Jun 2030")).toBeVisible();

  await api.start(id);
  await api.stop(id);
  await owner.goto(`/experiments/${id}/decide`);
  await awake(owner);
  await owner.locator("#title").focus();
  const choices = owner.getByRole("radio");
  // One stop for all choices; the arrows choose.
  for (let presses = 0; presses < 60 && !(await anyFocused(choices)); presses++) await owner.keyboard.press("Tab");
  for (let presses = 0; presses < 4 && !(await choices.last().isChecked()); presses++) {
    await owner.keyboard.press("ArrowDown");
  }
  await expect(owner.getByRole("radio", { name: "Inconclusive" })).toBeChecked();
  await tabTo(owner, owner.getByLabel("What was learned"));
  await owner.keyboard.type("Too few came by.");
  await tabTo(owner, owner.getByRole("button", { name: "Record the decision" }));
  await owner.keyboard.press("Enter");
  await expect(owner.getByText("Decision recorded.")).toBeVisible();
});

test("flags are imported without a mouse", async ({ owner }) => {
  const name = fresh("keys-import");
  await owner.goto("/flags/import");
  await awake(owner);
  await owner.locator("#title").focus();
  await tabTo(owner, owner.locator("#file"));
  await owner.keyboard.insertText(JSON.stringify({ features: { [name]: { defaultValue: true } } }));
  await tabTo(owner, owner.getByRole("button", { name: "See what would happen" }));
  await owner.keyboard.press("Enter");
  await expect(owner.locator("#found")).toBeVisible();
  await awake(owner);
  await owner.locator("#title").focus();
  const tick = owner.getByRole("checkbox", { name: `Import: ${name}` });
  await tabTo(owner, tick);
  await owner.keyboard.press("Space");
  await expect(tick).not.toBeChecked();
  await owner.keyboard.press("Space");
  await expect(tick).toBeChecked();
  await tabTo(owner, owner.getByRole("button", { name: "Import the ticked flags" }));
  await owner.keyboard.press("Enter");
  await expect(owner.getByText(/^Flags imported: \d+/)).toBeVisible();
});

async function anyFocused(controls: Locator): Promise<boolean> {
  return controls.evaluateAll((all) => all.some((one) => one === document.activeElement));
}
