import type { Page } from "@playwright/test";
import { enterCode, sessionOf } from "../fixtures/access.ts";
import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessibleInBothThemes } from "../fixtures/axe.ts";
import { ensureMember } from "../fixtures/cli.ts";
import { expect, test } from "../fixtures/test.ts";

// The words a person looks for, as app/src/text has them.
const WORDS = {
  en: {
    addMember: "Add member",
    email: "E-mail address",
    viewer: "Viewer: All environments",
    toConfirm: "Continue to confirmation",
    fresh: "Your second factor was checked just now",
    confirm: "Confirm and carry out",
    added: "Member added.",
    changed: "Member changed.",
    maySignIn: "May sign in",
    switchedOff: "Your access is switched off",
    newToken: "New API token",
    read: "Read experiments",
    copyNow: "Copy the secret now",
    turnOn: "Switch encryption on",
    decryptionKey: "Decryption key",
    hidden: "The decryption key is shown to those who may manage SDK keys",
  },
  ja: {
    addMember: "メンバーを追加",
    email: "メールアドレス",
    viewer: "閲覧者: すべての環境",
    toConfirm: "確認に進む",
    fresh: "この操作のために二要素認証を確認しました。",
    confirm: "確認して実行",
    added: "メンバーを追加しました。",
    changed: "メンバーを変更しました。",
    maySignIn: "サインインを許可",
    switchedOff: "アクセスが無効になっています",
    newToken: "APIトークンを作成",
    read: "実験の読み取り",
    copyNow: "シークレットを今すぐコピーしてください",
    turnOn: "暗号化を有効にする",
    decryptionKey: "復号キー",
    hidden: "SDKキーを管理できる人にのみ表示されます",
  },
};

test.setTimeout(180_000);

test("a new browser's first page is in its own time zone", async ({ browser, browserLog, stack }) => {
  const { cookies, origins } = await sessionOf(browser, stack.url, stack.owner_email);
  const storageState = { origins, cookies: cookies.filter(({ name }) => name !== "device-tz") };
  const context = await browser.newContext({ baseURL: stack.url, storageState, timezoneId: "America/Lima" });
  const page = await context.newPage();
  browserLog.watch(page);
  await page.goto("/experiments/new");
  await expect(page.getByLabel("Time zone")).toHaveValue("America/Lima");
  await context.close();
});

for (const lang of ["en", "ja"] as const) {
  test.describe(`settings, ${lang}`, () => {
    test.use({ look: { lang, theme: "light" } });
    const words = WORDS[lang];

    test("a decryption key is read by whoever may manage keys, and others are told why not", async ({
      browser,
      owner,
      pageOf,
      stack,
    }) => {
      const api = await Api.of(browser, stack, stack.owner_email);
      const draft = { name: fresh(`key-${lang}`), environment: "production", kind: "client" };
      const { sdk_key: key } = await api.post<{ sdk_key: { id: string } }>("/api/v1/sdk-keys", draft);
      const path = `/settings/sdk-keys/${key.id}`;
      await owner.goto(path);
      await owner.getByRole("link", { name: words.turnOn }).click();
      await owner.locator("#typed").fill(draft.name);
      await owner.getByRole("button", { name: words.turnOn }).click();
      const secret = await owner.getByLabel(words.decryptionKey, { exact: true }).textContent();
      const email = `${fresh(`reader-${lang}`)}@demo.nexus`;
      await ensureMember(stack, email, "viewer");
      const reader = await pageOf(email);
      await reader.goto(path);
      await expect(reader.locator("main")).toContainText(words.hidden);
      await expect(reader.locator("main")).not.toContainText(secret ?? "none");
    });

    test("a member is added and switched off: form, fresh second factor, confirmation", async ({
      owner,
      pageOf,
      browserLog,
    }) => {
      const email = `${fresh(`member-${lang}`)}@demo.nexus`;
      await owner.goto("/settings/members");
      await owner.getByRole("link", { name: words.addMember }).click();
      await owner.getByLabel(words.email).fill(email);
      await owner.getByRole("checkbox", { name: words.viewer }).check();
      await owner.getByRole("button", { name: words.toConfirm }).click();
      await stepUp(owner);
      await expect(owner.getByRole("heading", { level: 1 })).toContainText(email);
      await expect(owner.getByText(words.fresh)).toBeVisible();
      await expectAccessibleInBothThemes(owner, "confirmation of a member");
      await owner.getByRole("button", { name: words.confirm }).click();
      await expect(owner.getByText(words.added)).toBeVisible();
      const row = owner.getByRole("row", { name: email });
      await expect(row).toBeVisible();
      const member = await pageOf(email);
      expect((await member.goto("/"))?.status()).toBe(200);

      await row.getByRole("link").first().click();
      await owner.getByRole("checkbox", { name: words.maySignIn }).uncheck();
      await owner.getByRole("button", { name: words.toConfirm }).click();
      await stepUp(owner);
      await owner.getByRole("button", { name: words.confirm }).click();
      await expect(owner.getByText(words.changed)).toBeVisible();
      browserLog.expect(/(answer|status of) 403/);
      expect((await member.goto("/"))?.status()).toBe(403);
      await expect(member.getByRole("heading", { level: 1, name: words.switchedOff })).toBeVisible();
      await expectAccessibleInBothThemes(member, "a disabled member");

      await owner.goto(`/audit?action=member.add`);
      await expect(owner.locator("#audit-list tbody tr").first()).toContainText("owner@demo.nexus");
    });

    test("an API token: shown once, usable, revocable", async ({ owner, request, stack }) => {
      const name = fresh("pipeline");
      await owner.goto("/settings/tokens");
      await owner.getByRole("link", { name: words.newToken }).first().click();
      await owner.locator("#name").fill(name);
      await owner.getByRole("checkbox", { name: `${words.read} experiments:read` }).check();
      await owner.getByRole("button", { name: words.toConfirm }).click();
      await stepUp(owner);
      await owner.getByRole("button", { name: words.confirm }).click();
      await expect(owner.getByText(words.copyNow)).toBeVisible();
      await expectAccessibleInBothThemes(owner, "a new token");
      const secret = (await owner.locator(".secret code").textContent()) ?? "";
      expect(secret.length).toBeGreaterThan(30);

      const use = (path: string, method = "GET") =>
        request.fetch(`${stack.console_url}${path}`, { method, headers: { authorization: `Bearer ${secret}` }, data: {} });
      expect((await use("/api/v1/experiments")).status()).toBe(200);
      expect((await use("/api/v1/audit")).status(), "outside its scopes").toBe(403);
      expect((await use("/api/v1/experiments", "POST")).status(), "reading only").toBeGreaterThanOrEqual(400);

      await owner.goto("/settings/tokens");
      expect(await owner.content(), "the secret is never shown again").not.toContain(secret);
      const row = owner.getByRole("row", { name });
      await row.getByRole("link").click();
      await expectAccessibleInBothThemes(owner, "what revoking a token does");
      await owner.locator("#typed").fill(name);
      await owner.locator(".act-form button").click();
      await expect(owner.getByRole("row", { name })).toBeVisible();
      await expect(owner.getByRole("row", { name }).getByRole("link")).toHaveCount(0);
      expect((await use("/api/v1/experiments")).status()).toBe(401);
    });
  });
}

test("nothing dangerous happens without the fresh second factor", async ({ owner, stack, browserLog }) => {
  const email = `${fresh("skipped")}@demo.nexus`;
  const asked = await owner.request.post("/settings/members/new", {
    form: { email, kind: "person", grant: "owner:all" },
    headers: { origin: stack.url },
    maxRedirects: 0,
  });
  expect(asked.status()).toBe(200);
  const id = /\/step-up\/([\w-]+)$/.exec(asked.headers()["refresh"] ?? "")?.[1];
  expect(id, "one is led to the second factor").toBeTruthy();
  browserLog.expect(/(answer|status of) 403/);
  const tried = await owner.request.post(`/confirm/${id}`, { headers: { origin: stack.url } });
  expect(tried.status()).toBe(403);
  await owner.goto("/settings/members");
  await expect(owner.getByText(email)).toHaveCount(0);
});

/** The step-up application asks for a code, even though one has just signed in. */
async function stepUp(page: Page): Promise<void> {
  await expect(page, "the second factor is asked for again").toHaveURL(/\/cdn-cgi\/access\//);
  await enterCode(page);
  await expect(page).toHaveURL(/\/step-up\//);
}
