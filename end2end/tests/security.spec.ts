import { Api, fresh } from "../fixtures/api.ts";
import { awake } from "../fixtures/demo.ts";
import { expect, test } from "../fixtures/test.ts";

const HOSTILE = `</textarea><script>window.hacked = true</script><img src=x onerror="window.hacked = true">{{1}}`;

test("scripts and styles need a nonce that no other answer has", async ({ owner }) => {
  const policies = new Set<string>();
  for (const path of ["/", "/", "/experiments", "/experiments/new", "/no/such/page"]) {
    const answer = await owner.request.get(path);
    const policy = answer.headers()["content-security-policy"] ?? "";
    expect(policy).toMatch(/script-src [^;]*'nonce-[\w-]{20,}'/);
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(answer.headers()).toMatchObject({ "x-content-type-options": "nosniff", "cache-control": "no-store" });
    expect(answer.headers()["x-request-id"]).toBeTruthy();
    policies.add(policy);
  }
  expect(policies.size, "every answer has a nonce of its own").toBe(5);
});

test("another site's form changes nothing", async ({ owner, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const id = fresh("forgery");
  await api.create(id);
  const strangers: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: stack.url, "sec-fetch-site": "cross-site" },
    {},
  ];
  for (const headers of strangers) {
    for (const path of [`/experiments/${id}/start`, `/api/v1/experiments/${id}/start`]) {
      const answer = await owner.request.post(path, { headers, data: {}, maxRedirects: 0 });
      expect(answer.status(), `${path} with ${JSON.stringify(headers)}`).toBe(403);
    }
  }
  expect((await api.detail(id)).experiment.status).toBe("draft");
});

test("no GET changes anything", async ({ owner, browser, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const id = fresh("reading");
  await api.create(id);
  await api.start(id);
  const before = await api.auditOf(id);
  for (const path of ["start", "pause", "resume", "stop", "edit"]) {
    await owner.request.get(`/experiments/${id}/${path}?version=1&typed=${id}&reason=x`);
    await owner.request.get(`/api/v1/experiments/${id}/${path}`);
  }
  await owner.request.get("/audit/verify");
  await owner.request.get("/preferences?lang=ja&theme=dark");
  expect((await api.detail(id)).experiment.status).toBe("running");
  expect(await api.auditOf(id)).toEqual(before);
  expect((await owner.context().cookies()).map((cookie) => cookie.name)).not.toContain("lang");
  await api.stop(id);
});

test("hostile text stays text, typed or read", async ({ owner }) => {
  const id = fresh("hostile");
  await owner.goto("/experiments/new");
  await awake(owner);
  await owner.locator("#name").fill(`Name ${HOSTILE}`);
  await owner.locator("#id").fill(id);
  await owner.getByLabel("Hypothesis").fill(HOSTILE);
  await owner.getByLabel("Conversion goal").fill("conversion");
  await owner.getByRole("button", { name: "Create draft" }).last().click();
  await expect(owner.locator("#setup")).toContainText(HOSTILE);
  await owner.goto(`/experiments/${id}/edit`);
  await awake(owner);
  await expect(owner.getByLabel("Hypothesis")).toHaveValue(HOSTILE);
  for (const path of [`/experiments?q=${encodeURIComponent(HOSTILE)}`, "/", "/audit", `/experiments/${id}/start`]) {
    await owner.goto(path);
    await awake(owner);
    expect(await owner.evaluate(() => "hacked" in window), path).toBe(false);
  }
});

test("cookies stay out of reach of scripts and other sites", async ({ owner }) => {
  await owner.goto("/settings/appearance");
  await owner.request.post("/preferences", {
    form: { theme: "dark", back: "/" },
    headers: { origin: new URL(owner.url()).origin },
  });
  const cookies = await owner.context().cookies();
  expect(cookies.map((cookie) => cookie.name)).toEqual(expect.arrayContaining(["CF_Authorization", "theme"]));
  for (const cookie of cookies) {
    // The reader's time zone is told by a script, and is no secret.
    expect(cookie, cookie.name).toMatchObject({ httpOnly: cookie.name !== "device-tz" });
    expect(["Lax", "Strict"], cookie.name).toContain(cookie.sameSite);
  }
});

test("assets are compressed, never change under their name, and are kept for ever", async ({ owner }) => {
  const html = await (await owner.request.get("/")).text();
  const named = [...new Set(html.match(/\/assets\/[\w./-]+/g))];
  expect(named.some((asset) => asset.endsWith(".css")) && named.some((asset) => asset.endsWith(".wasm"))).toBe(true);
  for (const asset of named) {
    expect(asset, "its name holds its content's hash").toMatch(/\.[0-9a-f]{10}\.\w+$/);
    const answer = await owner.request.get(asset, { headers: { "accept-encoding": "br" } });
    expect(answer.status(), asset).toBe(200);
    expect(answer.headers()["content-encoding"], asset).toBe("br");
    expect(answer.headers()["cache-control"], asset).toContain("immutable");
    expect(answer.headers()["vary"], asset).toMatch(/accept-encoding/i);
  }
  expect((await owner.request.get("/assets/main.0000000000.css")).headers()["cache-control"] ?? "").not.toContain("immutable");
});
