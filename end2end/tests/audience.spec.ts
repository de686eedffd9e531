import { awake } from "../fixtures/demo.ts";
import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessible, expectAccessibleInBothThemes } from "../fixtures/axe.ts";
import { expect, test } from "../fixtures/test.ts";

test("a condition that a person types decides at the gateway who takes part", async ({
  browser,
  owner: page,
  request,
  stack,
  browserLog,
}) => {
  browserLog.expect(/(answer|status of) 422/);
  const api = await Api.of(browser, stack, stack.owner_email);
  const id = fresh("condition");
  await page.goto(`/experiments/new`);
  await awake(page);
  await page.getByLabel("Name").first().fill("Grown-ups or testers");
  await page.getByRole("textbox", { name: "Id", exact: true }).fill(id);
  await page.getByRole("button", { name: "Edit as JSON" }).click();
  const condition = page.getByLabel("Condition (JSON)");

  // What means nothing is refused at its field, and nothing typed is lost.
  await condition.fill('{"$or": [{"age": {"$gte": 18}}, {"plan": {"$like": "test"}}]}');
  await page.getByRole("button", { name: "Create draft", exact: true }).click();
  await expect(page.getByText("condition.$or[1].plan.$like: there is no operator $like").first()).toBeVisible();
  await expectAccessible(page, "a refused condition");

  await condition.fill('{"$or": [{"age": {"$gte": 18}}, {"plan": "test"}]}');
  // What rows can say is shown in rows, and goes on from there.
  const rows = page.locator("#audience-conditions");
  await page.getByRole("button", { name: "Edit as rows" }).click();
  await expect(rows.getByLabel("Of these conditions")).toHaveValue("any");
  expect(await rows.getByLabel("Value", { exact: true }).evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value))).toEqual(["18", "test"]);
  await rows.getByRole("button", { name: "Add condition" }).click();
  await expect(rows.getByLabel("Attribute", { exact: true }).last()).toBeFocused();
  await page.keyboard.type("staff");
  await page.keyboard.press("Tab");
  await rows.getByLabel("Comparison").last().selectOption("exists");
  await expectAccessible(page, "the builder of conditions");
  await page.getByRole("button", { name: "Create draft", exact: true }).click();
  await expect(page.getByText("Experiment created.")).toBeVisible();
  await api.start(id);

  const takesPart = async (headers: Record<string, string>) => {
    const answer = await request.get(stack.gateway_url, { headers: { "x-nexus-user": "e2e", ...headers } });
    return (await answer.text()).includes(`${id}=`);
  };
  await expect.poll(async () => takesPart({ "x-nexus-attr-age": "100" }), { timeout: 15_000 }).toBe(true);
  expect(await takesPart({ "x-nexus-attr-age": "9" })).toBe(false);
  expect(await takesPart({})).toBe(false);
  expect(await takesPart({ "x-nexus-attr-plan": "test" })).toBe(true);
  expect(await takesPart({ "x-nexus-attr-staff": "yes" })).toBe(true);

  // The console explains what the gateway did.
  await page.goto(`/experiments/${id}`);
  await page.getByRole("link", { name: "Explain a user" }).click();
  await page.getByLabel("User id").fill("e2e");
  await page.getByLabel("Attributes").fill("age=9");
  await page.getByRole("button", { name: "Explain" }).click();
  await expect(page.getByText("This user takes no part")).toBeVisible();
  await expectAccessibleInBothThemes(page, "a user outside an experiment");
  await page.getByLabel("Attributes").fill("age=100");
  await page.getByRole("button", { name: "Explain" }).click();
  await expect(page.getByText(/This user gets (As today|Shorter|control|treatment)/)).toBeVisible();
  await api.stop(id);
});

test("experiments of a layer share nobody, and a full layer says so", async ({
  browser,
  owner: page,
  request,
  stack,
  browserLog,
}) => {
  browserLog.expect(/(answer|status of) 422/);
  const api = await Api.of(browser, stack, stack.owner_email);
  const layer = fresh("layer");
  const ids = [fresh("first"), fresh("second"), fresh("third")] as const;
  for (const [n, id] of ids.entries()) {
    await api.create(id, { layer: { layer, share_bp: [6000, 4000, 1000][n] } });
  }
  await api.start(ids[0]);
  await api.start(ids[1]);

  const dealt = async (user: string) => {
    const answer = await request.get(stack.gateway_url, { headers: { "x-nexus-user": user } });
    const text = await answer.text();
    return ids.filter((id) => text.includes(`${id}=`));
  };
  const users = Array.from({ length: 60 }, (_, n) => `layer-user-${n}`);
  const all = () => Promise.all(users.map(dealt));
  // Until the gateway has both, those of the second are in none.
  await expect.poll(async () => new Set((await all()).flat()).size, { timeout: 15_000 }).toBe(2);
  expect((await all()).map((of) => of.length)).toEqual(users.map(() => 1));

  await page.goto(`/experiments/${ids[2]}/start`);
  await page.getByRole("button", { name: "Start the experiment" }).click();
  await expect(page.getByText(/The layer has no free part of that size; the largest is 0%/)).toBeVisible();
  await expectAccessible(page, "a start that is refused");
  await api.stop(ids[0]);
  await page.getByRole("button", { name: "Start the experiment" }).click();
  await expect(page.getByText("from 0% to 10%")).toBeVisible();
  await api.stop(ids[1]);
  await api.stop(ids[2]);
});
