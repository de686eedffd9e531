import { expect, LOOKS, test } from "../fixtures/test.ts";
import { signIn } from "../fixtures/access.ts";
import { fresh } from "../fixtures/api.ts";
import { expectAccessible } from "../fixtures/axe.ts";
import { ensureMember } from "../fixtures/cli.ts";

// Signing in is the sandbox's part; it must be as usable as the console behind it.
for (const look of LOOKS) {
  test.describe(`signing in, ${look.lang} ${look.theme}`, () => {
    test.use({ look });

    test("an identity, a code, the console", async ({ page, stack }) => {
      await page.goto("/");
      await expect(page).toHaveURL(/\/cdn-cgi\/access\/login/);
      await expect(page.locator("html")).toHaveAttribute("lang", look.lang);
      await expectAccessible(page, "choice of identity");
      await page.locator(`button[name="email"][value="${stack.owner_email}"]`).click();
      await expect(page.locator("#code")).toBeFocused();
      await expectAccessible(page, "second factor");
    });
  });
}

test("the owner arrives at the overview", async ({ owner }) => {
  const answer = await owner.goto("/");
  expect(answer?.status()).toBe(200);
  await expect(owner.getByRole("heading", { level: 1 })).toBeVisible();
});

// A sign-in of its own: the session ends here, and other tests share theirs.
test("signing out by the menu ends the session everywhere", async ({ page, stack, browser }) => {
  const email = `${fresh("leaving")}@demo.nexus`;
  await ensureMember(stack, email, "viewer");
  await signIn(page, stack.url, email);
  const storageState = await page.context().storageState();
  await page.locator("summary.account").click();
  await page.getByRole("link", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/cdn-cgi\/access\/logout/);
  await expectAccessible(page, "signed out");
  await page.goto("/");
  await expect(page, "one must sign in again").toHaveURL(/\/cdn-cgi\/access\/login/);

  const elsewhere = await browser.newContext({ baseURL: stack.url, storageState });
  const kept = await elsewhere.request.get("/", { maxRedirects: 0 });
  expect(kept.status(), "a kept cookie is worth nothing").toBe(401);
  await elsewhere.close();
});
