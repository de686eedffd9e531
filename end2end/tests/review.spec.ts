import { signIn } from "../fixtures/access.ts";
import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessible } from "../fixtures/axe.ts";
import { ensureMember } from "../fixtures/cli.ts";
import { expect, test } from "../fixtures/test.ts";

test("an approval is asked for, refused to the author, given by another person, and lost with an edit", async ({
  browser,
  owner: page,
  stack,
}) => {
  await ensureMember(stack, "approver@demo.nexus", "approver");
  const api = await Api.of(browser, stack, stack.owner_email);
  const approver = await Api.of(browser, stack, "approver@demo.nexus");
  const id = fresh("reviewed");
  await api.create(id, { environment: "preview" });

  await page.goto(`/experiments/${id}`);
  await page.getByRole("link", { name: "Send to review" }).click();
  await page.getByLabel("For the reviewer").fill("Look at the split, please.");
  await page.getByRole("button", { name: "Send to review" }).click();
  await expect(page.getByText("Waits for the look of another person")).toBeVisible();
  await expectAccessible(page, "an experiment in review");

  await page.goto(`/experiments/${id}/approve`);
  await expect(page.getByText("another person must approve it")).toBeVisible();
  await approver.post(`/api/v1/experiments/${id}/approve`, { words: "Fine." });
  await page.goto(`/experiments/${id}`);
  await expect(page.getByText("Approved by approver@demo.nexus")).toBeVisible();

  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Name").first().fill("Another name");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Not started yet")).toBeVisible();
  expect((await api.detail(id)).experiment.status).toBe("draft");
});

test("who edited an experiment before it was sent in does not approve it", async ({ browser, stack }) => {
  await ensureMember(stack, "maker@demo.nexus", "experimenter");
  const owner = await Api.of(browser, stack, stack.owner_email);
  const maker = await Api.of(browser, stack, "maker@demo.nexus");
  const id = fresh("edited");
  await maker.create(id, { environment: "preview" });
  const page = await (await browser.newContext()).newPage();
  await signIn(page, stack.url, stack.owner_email, `/experiments/${id}/edit`);
  await page.getByLabel("Name").first().fill("Another name");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await maker.post(`/api/v1/experiments/${id}/ask-review`, {});
  await page.goto(`/experiments/${id}/approve`);
  await expect(page.getByText("You made it, changed it or sent it to review")).toBeVisible();
  expect((await owner.detail(id)).experiment.status).toBe("in_review");
  await page.context().close();
});
