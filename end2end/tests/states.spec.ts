import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessible, expectAccessibleInBothThemes } from "../fixtures/axe.ts";
import { awake } from "../fixtures/demo.ts";
import { expect, LOOKS, test } from "../fixtures/test.ts";

/** Three parts as in a token, and nothing in them. */
const GARBAGE = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.e30.AAAA";

for (const look of LOOKS) {
  test.describe(`nobody signed in, ${look.lang} ${look.theme}`, () => {
    test.use({ look });

    test("around Access there is a page that says so, and nothing else", async ({ page, stack, browserLog }) => {
      browserLog.expect(/(answer|status of) 401/);
      const titles = new Set<string>();
      for (const [state, headers] of [
        ["no token", {}],
        ["a bad token", { "cf-access-jwt-assertion": GARBAGE }],
      ] as const) {
        await page.setExtraHTTPHeaders(headers);
        for (const path of ["/", "/experiments/new", "/settings/members"]) {
          const answer = await page.goto(`${stack.console_url}${path}`);
          expect(answer?.status(), `${state} on ${path}`).toBe(401);
        }
        await expect(page.locator("html")).toHaveAttribute("lang", look.lang);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.getByRole("navigation")).toHaveCount(0);
        titles.add((await page.getByRole("heading", { level: 1 }).textContent()) ?? "");
        await expectAccessible(page, `${state}, ${look.lang} ${look.theme}`);
      }
      expect(titles.size, "a missing and a bad token are told apart").toBe(2);
    });
  });
}

test("two editors: who saves second is told, sees both, and loses nothing", async ({
  owner,
  pageOf,
  browser,
  stack,
  browserLog,
}) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const id = fresh("edited-twice");
  await api.create(id);
  const first = await pageOf(stack.owner_email);
  const save = ".form-foot button.primary";
  for (const page of [owner, first]) {
    await page.goto(`/experiments/${id}/edit`);
    await awake(page);
  }
  await first.getByLabel("Hypothesis").fill("What the first one wrote.");
  await first.locator(save).click();
  await expect(first).toHaveURL(new RegExp(`/experiments/${id}(\\?|$)`));

  browserLog.expect(/(answer|status of) 409/);
  await owner.getByLabel("Hypothesis").fill("What the second one wrote.");
  await owner.getByLabel("Conversion goal").fill("signup");
  const answer = owner.waitForResponse((response) => response.request().method() === "POST");
  await owner.locator(save).click();
  expect((await answer).status()).toBe(409);
  await expect(owner.locator("#hypothesis")).toHaveValue("What the second one wrote.");
  await expect(owner.getByLabel("Conversion goal")).toHaveValue("signup");
  await expect(owner.getByRole("main")).toContainText("What the first one wrote.");
  await expectAccessibleInBothThemes(owner, "an edit conflict");
  const read = async () => (await api.get<{ experiment: { hypothesis: string } }>(`/api/v1/experiments/${id}`)).experiment;
  expect((await read()).hypothesis, "nothing was saved").toBe("What the first one wrote.");

  await awake(owner);
  // Both changed the hypothesis, only one the metric: the one is asked, the other merged.
  browserLog.expect(/(answer|status of) 422/);
  await owner.locator(save).click();
  await expect(owner.locator("#clash-error")).toBeVisible();
  await expectAccessibleInBothThemes(owner, "a choice that is missing");
  await owner.getByRole("radio", { name: "Keep this Hypothesis: Yours" }).check();
  await owner.locator(save).click();
  await expect(owner).toHaveURL(new RegExp(`/experiments/${id}(\\?|$)`));
  expect((await read()).hypothesis).toBe("What the second one wrote.");
});

test("the pages around the console: the API's, the sandbox's, the crowd's", async ({ owner, page, stack }) => {
  expect((await owner.goto("/api/docs"))?.status()).toBe(200);
  await expect(owner.getByRole("heading", { level: 1 })).toBeVisible();
  await expectAccessibleInBothThemes(owner, "the API's page");

  const sandbox = new URL(stack.api_url).origin;
  const rule = { id: "to-look-at", path: "/client/v4/never", status: 503 };
  await page.request.post(`${sandbox}/__sandbox/faults`, { data: rule });
  for (const [name, url] of [
    ["the sandbox's page", sandbox],
    ["the crowd's page", stack.traffic_url],
  ] as const) {
    expect((await page.goto(url))?.status()).toBe(200);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expectAccessibleInBothThemes(page, name);
  }
  await page.request.delete(`${sandbox}/__sandbox/faults/${rule.id}`);
});
