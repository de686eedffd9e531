import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessible } from "../fixtures/axe.ts";
import { awake } from "../fixtures/demo.ts";
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

  await owner.getByLabel("Primary metric").focus();
  await owner.keyboard.press("ControlOrMeta+a");
  await owner.keyboard.type("conversion");
  await owner.keyboard.press("Enter");
  await expect(owner.getByText("Experiment created.")).toBeVisible();
  await expect(owner.getByRole("heading", { level: 1, name })).toBeVisible();
});

async function focused(page: import("@playwright/test").Page, selector: string): Promise<boolean> {
  return page.locator(selector).evaluate((element) => element === document.activeElement);
}
