import type { Page } from "@playwright/test";
import { mkdirSync } from "node:fs";
import { Api, fresh } from "../fixtures/api.ts";
import { expectAccessible } from "../fixtures/axe.ts";
import { ensureMember } from "../fixtures/cli.ts";
import { awake } from "../fixtures/demo.ts";
import { expectKeyboard } from "../fixtures/keyboard.ts";
import { expect, LOOKS, test, type Look } from "../fixtures/test.ts";

/** The narrowest phone that is still common, in CSS pixels. */
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };
/** For one page, on a slow machine. */
const PATIENCE_MS = 10_000;

/** A page or a state of one. */
interface State {
  name: string;
  path: string;
  status?: number;
  /** Who looks; the owner when nobody is named. */
  who?: string;
  /** What leads from the page to the state; a status is then that of the page it leads to. */
  act?: (page: Page) => Promise<void>;
}

const ids = { draft: "", running: "", paused: "", stopped: "", decided: "" };
/** The key of the flag that is looked at. */
const key = fresh("flag");
/** Ids of experiments in other states of their life, in environments without traffic. */
const life = { inReview: "", planned: "", ramping: "", held: "", archived: "" };
const sdkKey = { id: "", version: 0 };
/** Of a link for testers. */
let qaLink = "";
/** The page of the viewer's membership. */
let membership = "";
/** The production snapshots with the flag off and on. */
const snapshots = { off: 0, on: 0 };

test.beforeAll(async ({ browser, stack }) => {
  await ensureMember(stack, "viewer@demo.nexus", "viewer");
  await ensureMember(stack, "approver@demo.nexus", "approver");
  const api = await Api.of(browser, stack, stack.owner_email);
  for (const state of ["draft", "running", "paused", "stopped"] as const) {
    ids[state] = fresh(state);
    await api.create(ids[state], {
      hypothesis: "</textarea><script>alert(1)</script> & 'quotes'",
      goal_pre_days: 7,
      metrics: [
        {
          key: "order-value",
          event: "revenue",
          kind: { of: "ratio", top: "values", over: "conversion", bottom: "events" },
          window_hours: 168,
          pre_days: 7,
        },
        {
          key: "revenue-p95",
          event: "revenue",
          kind: { of: "quantile", level_bp: 9500, among: "events" },
        },
      ],
    });
  }
  ids.decided = fresh("decided");
  await api.create(ids.decided, {
    metrics: [
      { key: "revenue", kind: { of: "mean" }, better: "lower", role: { is: "primary", spread_bp: 40000 } },
      { key: "views", event: "conversion", kind: { of: "count" } },
    ],
  });
  for (const id of [ids.running, ids.paused, ids.stopped, ids.decided]) await api.start(id);
  await api.post(`/api/v1/experiments/${ids.paused}/pause`);
  await api.stop(ids.stopped);
  await flag(api);
  await groupAndHoldout(api);
  await livesOf(api);
  await keyAndLink(api);
  const members = await api.get<{ id: string; email: string }[]>("/api/v1/members");
  membership = `/settings/members/${members.find(({ email }) => email === "viewer@demo.nexus")?.id}`;
  // More than a page of them.
  const { total } = await api.get<{ total: number }>("/api/v1/experiments");
  for (let n = total; n < 21; n++) await api.create(fresh(`filler-${n}`));
});

test.afterAll(async ({ browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  for (const id of [ids.running, ids.paused, ids.decided, life.ramping, life.held]) await api.stop(id);
  await api.post(`/api/v1/sdk-keys/${sdkKey.id}/revoke`);
  await api.post(`/api/v1/holdouts/${key}/stop`);
});

/** A flag with every part in use, twice changed, and its copy elsewhere. */
async function flag(api: Api): Promise<void> {
  const rules = [
    { name: "Staff first", value: true, targeting: { attributes: [{ name: "email", operator: "ends_with", values: ["@a.example"] }] } },
    { name: "Japan", value: true, coverage_bp: 2500, targeting: { countries: ["JP"], devices: ["mobile"] }, description: "A quarter." },
  ];
  const draft = { key, environment: "production", name: "Pages </textarea>", kind: "boolean", value: false, rules };
  await api.post("/api/v1/flags", draft);
  await api.post(`/api/v1/flags/production/${key}/copy`, { environment: "staging" });
  const newest = async () => {
    const all = await api.get<{ version: number }[]>("/api/v1/environments/production/snapshots");
    return all[0]?.version ?? 0;
  };
  snapshots.off = await newest();
  await api.post(`/api/v1/flags/production/${key}/enable`);
  snapshots.on = await newest();
}

/** A list, and a holdout that no other test's experiment joins. */
async function groupAndHoldout(api: Api): Promise<void> {
  const group = { id: key, environment: "production", name: "Pages </textarea>", kind: "list", attribute: "id", values: ["ann", "bob"] };
  await api.post("/api/v1/saved-groups", group);
  await api.put(`/api/v1/saved-groups/production/${key}`, { version: 1, draft: { ...group, values: ["ann", "bob", "cyd"] } });
  await api.post("/api/v1/holdouts", { id: key, environment: "production", name: "Pages", share_bp: 500, goal: "purchase" });
}

async function livesOf(api: Api): Promise<void> {
  for (const state of Object.keys(life) as (keyof typeof life)[]) {
    life[state] = fresh(state.toLowerCase());
    await api.create(life[state], { environment: "preview", ramp: [{ coverage_bp: 500, minutes: 600 }] });
  }
  const of = (id: string, command: string, data: object = {}) => api.post(`/api/v1/experiments/${id}/${command}`, data);
  await of(life.inReview, "ask-review");
  await of(life.planned, "schedule", { start_ms: Date.now() + 30 * 24 * 3_600_000 });
  for (const id of [life.ramping, life.held]) await api.start(id);
  await of(life.held, "hold-ramp");
  await of(life.archived, "archive");
}

async function keyAndLink(api: Api): Promise<void> {
  const draft = { name: key, environment: "preview", kind: "client", encrypted: true };
  const made = await api.post<{ sdk_key: { id: string; version: number } }>("/api/v1/sdk-keys", draft);
  Object.assign(sdkKey, { id: made.sdk_key.id, version: made.sdk_key.version });
  const page = "https://shop.example/cart";
  const links = await api.post<{ link: { id: string } }[]>(`/api/v1/experiments/${ids.running}/qa-links`, { page });
  qaLink = links[0]?.link.id ?? "";
}

/** As when somebody else has saved meanwhile. */
async function saveTooLate(page: Page): Promise<void> {
  await page.locator('form.form [name="version"]').evaluate((field) => ((field as HTMLInputElement).value = "1"));
  await page.locator("#name").fill("Saved too late");
  await submit("form.form button.primary")(page);
}

/** More than a form may hold. */
async function sendTooMuch(page: Page): Promise<void> {
  await page.locator("#description").evaluate((area) => ((area as HTMLTextAreaElement).value = "x".repeat(1_100_000)));
  await submit("form.form button.primary")(page);
}

/** One flag of each kind: whole, incomplete, impossible. */
async function previewImport(page: Page): Promise<void> {
  const features = {
    "pages-whole": { defaultValue: true },
    "pages-split": { defaultValue: 1, rules: [{ key: "price", variations: [1, 2] }] },
    "No Slug": { defaultValue: true },
  };
  await page.locator("#file").fill(JSON.stringify({ features }));
  await page.locator('button[value="preview"]').click();
  await expect(page.locator("#found tbody tr")).toHaveCount(3);
}

/** As when a confirmation is sent again. */
async function confirmNothing(page: Page): Promise<void> {
  await page.evaluate(() => {
    document.body.innerHTML = '<form method="post" action="/confirm/there-is-none"></form>';
    document.forms[0]?.submit();
  });
}

/** A link for testers to no page, also where the last one is proposed. */
async function linkNowhere(page: Page): Promise<void> {
  await page.locator("#page").fill("");
  await submit("form.form-fields button.primary")(page);
}

/** Raw events for no number of days. */
async function keepManyDays(page: Page): Promise<void> {
  await page.locator("#raw-days-production").fill("many");
  await submit('form:has(#raw-days-production) button[type="submit"]')(page);
}

/** Nothing is chosen until a person chooses. */
async function decideNothing(page: Page): Promise<void> {
  await submit("form.form-fields button.primary")(page);
}

async function openPalette(page: Page): Promise<void> {
  await awake(page);
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog").getByRole("option").first()).toBeVisible();
}

const submit = (selector: string) => async (page: Page) => page.locator(selector).last().click();

function states(): State[] {
  const of = (id: string, rest = "") => `/experiments/${id}${rest}`;
  const flagPage = (rest = "") => `/flags/production/${key}${rest}`;
  const groupPage = (rest = "") => `/saved-groups/production/${key}${rest}`;
  return [
    { name: "overview", path: "/" },
    { name: "palette", path: "/", act: openPalette },
    { name: "experiments", path: "/experiments" },
    { name: "experiments-second-page", path: "/experiments?page=2" },
    { name: "experiments-filtered", path: "/experiments?status=draft&sort=name" },
    { name: "experiments-nothing-fits", path: "/experiments?q=there-is-none-of-this-name" },
    { name: "experiment-new", path: "/experiments/new" },
    {
      name: "experiment-new-errors",
      path: "/experiments/new",
      status: 422,
      act: submit("form.form button.primary"),
    },
    { name: "experiment-edit", path: of(ids.draft, "/edit") },
    { name: "experiment-edit-running", path: of(ids.running, "/edit") },
    { name: "experiment-draft", path: of(ids.draft) },
    { name: "experiment-running", path: of(ids.running) },
    { name: "experiment-paused", path: of(ids.paused) },
    { name: "experiment-stopped", path: of(ids.stopped) },
    { name: "experiment-revisions", path: of(ids.running, "/revisions") },
    { name: "experiment-revisions-back", path: of(ids.running, "/revisions?from=2&to=1") },
    { name: "experiment-why", path: of(ids.running, "/why") },
    { name: "experiment-why-draft", path: of(ids.draft, "/why") },
    { name: "experiment-why-answer", path: of(ids.running, "/why?user=ann&country=JP") },
    { name: "experiment-why-compared", path: of(ids.running, `/why?user=ann&country=JP&from=${snapshots.on}&to=next`) },
    { name: "experiment-why-no-snapshot", path: of(ids.running, "/why?user=ann&from=999999&to=next") },
    { name: "experiment-why-errors", path: of(ids.running, "/why?user=ann&country=Atlantis&attributes=%7B%22a%22%201%7D"), status: 422 },
    { name: "flags", path: "/flags" },
    { name: "flags-nothing-fits", path: "/flags?q=there-is-none-of-this-name" },
    { name: "flag", path: flagPage() },
    { name: "flag-tried", path: flagPage("?user=ann&country=JP&device=mobile") },
    { name: "flag-compared", path: flagPage(`?user=ann&country=JP&device=mobile&from=${snapshots.off}&to=${snapshots.on}`) },
    { name: "flag-tried-errors", path: flagPage("?user=ann&country=Atlantis"), status: 422 },
    { name: "flag-what-if", path: flagPage("?what-if=switch") },
    { name: "flag-history", path: flagPage("/history") },
    { name: "flag-copy", path: flagPage("/copy?to=development") },
    { name: "flag-archive", path: flagPage("/archive") },
    { name: "flag-edit", path: flagPage("/edit") },
    { name: "flag-conflict", path: flagPage("/edit"), status: 409, act: saveTooLate },
    { name: "flag-template", path: flagPage("/template") },
    { name: "flag-import-found", path: "/flags/import", act: previewImport },
    { name: "flag-import", path: "/flags/import" },
    { name: "flag-import-errors", path: "/flags/import", status: 422, act: submit("form.form button.primary") },
    { name: "flag-new", path: "/flags/new" },
    { name: "flag-new-errors", path: "/flags/new", status: 422, act: submit("form.form button.primary") },
    { name: "viewer-flag", path: flagPage(), who: "viewer@demo.nexus" },
    { name: "group-estimate", path: groupPage("/edit"), status: 200, act: submit('button[value="estimate"]') },
    { name: "groups", path: "/saved-groups" },
    { name: "groups-nothing-fits", path: "/saved-groups?q=there-is-none-of-this-name" },
    { name: "group", path: groupPage("?find=ann") },
    { name: "group-archive", path: groupPage("/archive") },
    { name: "group-edit", path: groupPage("/edit") },
    { name: "group-conflict", path: groupPage("/edit"), status: 409, act: saveTooLate },
    { name: "group-history", path: groupPage("/history") },
    { name: "group-new", path: "/saved-groups/new" },
    { name: "group-new-errors", path: "/saved-groups/new", status: 422, act: submit("form.form button.primary") },
    { name: "viewer-group", path: groupPage(), who: "viewer@demo.nexus" },
    { name: "holdouts", path: "/holdouts" },
    { name: "holdout", path: `/holdouts/${key}` },
    { name: "holdout-stop", path: `/holdouts/${key}/stop` },
    { name: "holdout-new", path: "/holdouts/new" },
    { name: "layers", path: "/layers" },
    { name: "holdout-new-errors", path: "/holdouts/new", status: 422, act: submit("form.form button.primary") },
    { name: "experiment-goal", path: of(ids.running, "/goal") },
    { name: "experiment-goal-by-browser", path: of(ids.running, "/goal?by=browser") },
    { name: "experiment-metric", path: of(ids.running, "/metrics/order-value") },
    { name: "experiment-primary", path: of(ids.decided) },
    { name: "experiment-primary-decide", path: of(ids.decided, "/decide") },
    { name: "experiment-quantile", path: of(ids.running, "/metrics/revenue-p95") },
    { name: "experiment-decide", path: of(ids.stopped, "/decide") },
    { name: "experiment-decide-errors", path: of(ids.stopped, "/decide"), status: 422, act: decideNothing },
    { name: "experiment-schedule", path: of(ids.draft, "/schedule") },
    {
      name: "experiment-schedule-errors",
      path: of(ids.draft, "/schedule"),
      status: 422,
      act: submit("form.form-fields button.primary"),
    },
    { name: "experiment-grow-coverage", path: of(ids.running, "/grow-coverage") },
    { name: "experiment-move-end", path: of(ids.running, "/move-end") },
    { name: "experiment-archive", path: of(ids.draft, "/archive") },
    { name: "experiment-ask-review", path: of(ids.draft, "/ask-review") },
    { name: "experiment-qa", path: of(ids.draft, "/qa") },
    { name: "experiment-qa-over", path: of(ids.stopped, "/qa") },
    { name: "experiment-qa-errors", path: of(ids.draft, "/qa"), status: 422, act: linkNowhere },
    { name: "experiment-in-review", path: of(life.inReview) },
    { name: "experiment-withdraw", path: of(life.inReview, "/withdraw-review") },
    { name: "experiment-send-back", path: of(life.inReview, "/send-back"), who: "approver@demo.nexus" },
    {
      name: "experiment-send-back-errors",
      path: of(life.inReview, "/send-back"),
      status: 422,
      who: "approver@demo.nexus",
      act: submit(".act-form button[type=submit]"),
    },
    { name: "experiment-planned", path: of(life.planned) },
    { name: "experiment-unschedule", path: of(life.planned, "/unschedule") },
    { name: "experiment-ramping", path: of(life.ramping) },
    { name: "experiment-hold-ramp", path: of(life.ramping, "/hold-ramp") },
    { name: "experiment-continue-ramp", path: of(life.held, "/continue-ramp") },
    { name: "experiment-archived", path: of(life.archived) },
    { name: "experiment-unarchive", path: of(life.archived, "/unarchive") },
    { name: "qa-link-revoke", path: `/qa-links/${qaLink}/revoke` },
    { name: "flag-qa", path: flagPage("/qa") },
    { name: "experiment-template", path: of(ids.draft, "/template") },
    { name: "experiment-new-from-template", path: "/experiments/new?template=models" },
    { name: "flag-new-from-template", path: "/flags/new?template=remote-config" },
    { name: "templates", path: "/templates" },
    { name: "environments", path: "/settings/environments" },
    { name: "environments-errors", path: "/settings/environments", status: 422, act: keepManyDays },
    { name: "recompute", path: of(ids.running, "/recompute") },
    { name: "recompute-not-started", path: of(ids.draft, "/recompute") },
    { name: "calculator", path: "/calculator" },
    { name: "calculator-decrease", path: "/calculator?direction=decrease&variants=3&weights=80%2C+10%2C+10" },
    { name: "calculator-errors", path: "/calculator?baseline=200", status: 422 },
    { name: "start", path: of(ids.draft, "/start") },
    { name: "pause", path: of(ids.running, "/pause") },
    { name: "resume", path: of(ids.paused, "/resume") },
    { name: "stop", path: of(ids.running, "/stop") },
    { name: "stop-not-now", path: of(ids.draft, "/stop") },
    { name: "audit", path: "/audit" },
    { name: "audit-nothing-fits", path: "/audit?q=there-is-none-of-this-name" },
    { name: "audit-entry", path: "/audit/1" },
    { name: "members", path: "/settings/members" },
    { name: "member-new", path: "/settings/members/new" },
    {
      name: "member-new-errors",
      path: "/settings/members/new",
      status: 422,
      act: submit("form.form button.primary"),
    },
    { name: "member-edit", path: membership },
    { name: "confirmation-gone", path: "/", status: 404, act: confirmNothing },
    { name: "sdk-keys", path: "/settings/sdk-keys" },
    { name: "sdk-key", path: `/settings/sdk-keys/${sdkKey.id}` },
    { name: "sdk-key-revoke", path: `/settings/sdk-keys/${sdkKey.id}/revoke` },
    {
      name: "sdk-key-encryption",
      path: `/settings/sdk-keys/${sdkKey.id}/encryption?to=rotate&version=${sdkKey.version}`,
    },
    { name: "sdk-key-new", path: "/settings/sdk-keys/new" },
    {
      name: "sdk-key-new-errors",
      path: "/settings/sdk-keys/new",
      status: 422,
      act: submit("form.form button.primary"),
    },
    { name: "tokens", path: "/settings/tokens" },
    { name: "token-new", path: "/settings/tokens/new" },
    {
      name: "token-new-errors",
      path: "/settings/tokens/new",
      status: 422,
      act: submit("form.form button.primary"),
    },
    { name: "appearance", path: "/settings/appearance" },
    { name: "too-large", path: "/flags/new", status: 413, act: sendTooMuch },
    { name: "not-found", path: "/no/such/page", status: 404 },
    { name: "forbidden", path: "/settings/members", status: 403, who: "viewer@demo.nexus" },
    { name: "viewer-detail", path: of(ids.running), who: "viewer@demo.nexus" },
    { name: "not-a-member", path: "/", status: 403, who: "outsider@demo.nexus" },
    { name: "no-second-factor", path: "/", status: 403, who: "nomfa@demo.nexus" },
  ];
}

for (const look of LOOKS) {
  test.describe(`every page, ${look.lang} ${look.theme}`, () => {
    test.use({ look });

    test("axe finds nothing, Tab reaches everything, the log is empty, nothing scrolls sideways", async ({ pageOf, stack, browserLog }) => {
      const pages = new Map<string, Page>();
      const all = states();
      test.setTimeout(all.length * PATIENCE_MS);
      for (const state of all) {
        await test.step(state.name, async () => {
          const who = state.who ?? stack.owner_email;
          const page = pages.get(who) ?? (await pageOf(who));
          pages.set(who, page);
          if (state.status) browserLog.expect(new RegExp(`(answer|status of) ${state.status}`));
          await lookAt(page, state, look);
        });
      }
    });
  });
}

test("nothing on a page moves while it loads", async ({ owner }) => {
  // Pages come whole from the server, so there are no skeletons: what is painted first stays.
  for (const path of ["/", "/experiments", `/experiments/${ids.running}`, "/audit", "/settings/appearance"]) {
    await owner.goto(path);
    await awake(owner);
    const shifts = await owner.evaluate(
      async () =>
        new Promise<[number, string][]>((resolve) => {
          type Shift = PerformanceEntry & { value: number; sources: { node: Element | null }[] };
          new PerformanceObserver((list, observer) => {
            observer.disconnect();
            const what = ({ sources }: Shift) => sources.map(({ node }) => node?.outerHTML?.slice(0, 200)).join("\n");
            resolve((list.getEntries() as Shift[]).map((shift) => [shift.value, what(shift)]));
          }).observe({ type: "layout-shift", buffered: true });
          // Without any shift the observer is never called.
          setTimeout(() => resolve([]), 500);
        }),
    );
    const sum = shifts.reduce((all, [value]) => all + value, 0);
    expect.soft(sum, `${path}: cumulative layout shift by ${shifts.map(([, what]) => what).join("\n")}`).toBeLessThan(0.01);
  }
});

async function lookAt(page: Page, state: State, look: Look): Promise<void> {
  await page.setViewportSize(DESK);
  const answer = await page.goto(state.path);
  if (state.act && !state.status) {
    await state.act(page);
  } else if (state.act) {
    const next = page.waitForResponse((response) => response.request().isNavigationRequest());
    await state.act(page);
    expect((await next).status(), state.name).toBe(state.status);
    await page.waitForLoadState();
  } else {
    expect(answer?.status(), state.name).toBe(state.status ?? 200);
  }
  await expect(page.locator("html")).toHaveAttribute("lang", look.lang);
  // By name, not by role: behind an open dialog the page has no roles.
  await expect(page.locator("h1")).toHaveCount(1);
  await expectAccessible(page, `${state.name}, ${look.lang} ${look.theme}`);
  await picture(page, state, look, "desk");
  if (look.lang === "en" && look.theme === "light") await expectKeyboard(page, state.name);
  await page.setViewportSize(PHONE);
  const wide = await page.evaluate(widest);
  expect.soft(wide, `${state.name} at ${PHONE.width} px`).toEqual([]);
  // What a phone shows instead (menus, stacked tables) depends on the width, not on the theme.
  if (look.lang === "en" && look.theme === "light") await expectAccessible(page, `${state.name} on a phone`);
  await picture(page, state, look, "phone");
}

/** What makes the page wider than the screen; empty when it is not. */
function widest(): string[] {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > width + 0.5)
    .map((element) => `${element.tagName}.${element.className} to ${element.getBoundingClientRect().right}`)
    .slice(0, 10);
}

/** Full-page pictures for people, into the folder that `NEXUS_PICTURES` names. */
async function picture(page: Page, state: State, look: Look, device: string): Promise<void> {
  const folder = process.env.NEXUS_PICTURES;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${state.name}-${device}-${look.lang}-${look.theme}.png`, fullPage: true });
}
