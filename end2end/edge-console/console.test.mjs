// The console Worker behind Access, by its interfaces.

import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { OWNER, published, signIn, start, until } from "./support.mjs";

const draft = (id, more = {}) => ({
  id,
  name: `Experiment ${id}`,
  environment: "production",
  goal: "purchase",
  variants: [
    { key: "control", weight_bp: 5000 },
    { key: "treatment", weight_bp: 5000 },
  ],
  ...more,
});

describe("the console on workerd", () => {
  let host;
  let session;

  before(async () => {
    host = await start();
    session = await signIn(host);
  });
  after(() => host?.stop());

  const ask = (path, { assertion = session.assertion, headers = {}, ...init } = {}) =>
    fetch(host.direct + path, {
      redirect: "manual",
      ...init,
      headers: { ...(assertion && { "cf-access-jwt-assertion": assertion }), ...headers },
    });
  const send = (method, path, body) =>
    ask(path, {
      method,
      headers: { origin: host.url, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  const read = async (path) => {
    const answer = await ask(path);
    assert.equal(answer.status, 200, path);
    return answer.json();
  };

  it("is alive and has its database", async () => {
    assert.equal(await (await ask("/health", { assertion: null })).text(), "ok\n");
    const ready = await ask("/ready", { assertion: null });
    assert.equal(await ready.text(), "ready\n");
    assert.equal((await ask("/metrics", { assertion: null })).status, 401);
    assert.match(await (await ask("/metrics")).text(), /^nexus_/m);
  });

  it("lets nobody in without a good assertion", async () => {
    const [header, payload, signature] = session.assertion.split(".");
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const forged = `${header}.${payload}.${sign("sha256", Buffer.from(`${header}.${payload}`), privateKey).toString("base64url")}`;
    const claims = JSON.parse(Buffer.from(payload, "base64url"));
    const bad = {
      "none at all": null,
      "no token": "hello",
      "another signature": `${header}.${payload}.${signature.replace(/^./, (first) => (first === "A" ? "B" : "A"))}`,
      "another key under the same name": forged,
      "other claims": `${header}.${part({ ...claims, email: "mallory@example.com" })}.${signature}`,
      "no algorithm": `${part({ alg: "none", typ: "JWT" })}.${payload}.`,
    };
    for (const [what, assertion] of Object.entries(bad)) {
      assert.equal((await ask("/", { assertion })).status, 401, what);
      assert.equal((await ask("/api/v1/overview", { assertion })).status, 401, what);
    }
    const stranger = await signIn(host, "stranger@demo.nexus");
    assert.equal((await ask("/", { assertion: stranger.assertion })).status, 403);
  });

  it("renders the overview and the list for the owner", async () => {
    for (const path of ["/", "/experiments", "/experiments/new", "/audit", "/settings/members"]) {
      const answer = await ask(path);
      const html = await answer.text();
      assert.equal(answer.status, 200, path);
      assert.match(html, /^<!DOCTYPE html>/, path);
      assert.match(answer.headers.get("content-security-policy"), /default-src 'none'/);
      assert.equal(answer.headers.get("cache-control"), "no-store");
    }
    assert.equal((await ask("/no/such/page")).status, 404);
    const members = await read("/api/v1/members");
    assert.deepEqual(members.map((member) => member.email), [OWNER]);
  });

  it("serves static files without the Worker, to be kept for ever", async () => {
    const html = await (await ask("/")).text();
    const files = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
    assert.ok(files.length >= 2, `the page names ${files}`);
    for (const file of files) {
      const answer = await ask(file, { assertion: null });
      assert.equal(answer.status, 200, file);
      assert.equal(answer.headers.get("cache-control"), "public, max-age=31536000, immutable");
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    }
  });

  it("creates and edits a draft, each with an audit entry", async () => {
    const before = (await read("/api/v1/audit")).total;
    const created = await send("POST", "/api/v1/experiments", draft("via-api"));
    assert.equal(created.status, 201);
    const { version } = await created.json();
    const edited = { version, draft: draft("via-api", { name: "Renamed 改名 🦀" }) };
    const saved = await send("PUT", "/api/v1/experiments/via-api", edited);
    assert.equal(saved.status, 200, await saved.text());
    const stale = await send("PUT", "/api/v1/experiments/via-api", edited);
    assert.equal(stale.status, 409, "an old version");
    const again = await send("POST", "/api/v1/experiments", draft("via-api"));
    assert.ok([409, 422].includes(again.status), `a taken id: ${again.status}`);
    const { items, total } = await read("/api/v1/audit");
    assert.equal(total, before + 2);
    assert.ok(items.slice(0, 2).every((entry) => JSON.stringify(entry).includes("via-api")));
    assert.match(await (await ask("/experiments/via-api")).text(), /Renamed 改名 🦀/);
    assert.match(await (await ask("/experiments?q=renamed")).text(), /Renamed 改名 🦀/);
  });

  it("finds by long words too", async () => {
    const words = "日本語の長い検索語".repeat(4);
    for (const path of ["/experiments?q=", "/audit?q=", "/palette?q="]) {
      assert.equal((await ask(path + encodeURIComponent(words))).status, 200, path);
    }
  });

  it("evaluates flags for SDKs that show a key, without Access and without streams", async () => {
    const about = { environment: "production", name: "For SDKs" };
    const rules = [{ value: true }];
    const flag = await send("POST", "/api/v1/flags", { ...about, key: "for-sdks", kind: "boolean", value: false, rules });
    assert.equal(flag.status, 201, await flag.text());
    const made = await send("POST", "/api/v1/sdk-keys", { ...about, kind: "server" });
    const { key } = await made.json();
    const evaluate = (shown = key) => ask("/ofrep/v1/evaluate/flags/for-sdks", {
      assertion: null,
      method: "POST",
      headers: { authorization: `Bearer ${shown}` },
      body: JSON.stringify({ context: { targetingKey: "ann" } }),
    });
    assert.equal((await evaluate("none")).status, 401);
    assert.equal((await (await evaluate()).json()).value, false);
    const on = await send("POST", "/api/v1/flags/production/for-sdks/enable", {});
    assert.equal(on.status, 200);
    await until("it is on", async () => (await (await evaluate()).json()).value);
    const payload = await ask(`/api/features/${key}`, { assertion: null });
    assert.equal((await payload.json()).features["for-sdks"].defaultValue, false);
    assert.equal(payload.headers.get("x-sse-support"), null);
    for (const stream of ["ofrep/v1/changes", "sub"]) {
      const refused = await ask(`/${stream}/${key}`, { assertion: null });
      assert.equal(refused.status, 404, stream);
      assert.match((await refused.json()).detail, /no streams are kept here/);
    }
  });

  it("refuses changes from other sites", async () => {
    const answer = await ask("/experiments/new", {
      method: "POST",
      headers: { origin: "https://evil.example", "content-type": "application/x-www-form-urlencoded" },
      body: "name=x",
    });
    assert.equal(answer.status, 403);
  });

  it("refuses bodies without end", async () => {
    const answer = await send("POST", "/api/v1/experiments", { name: "x".repeat(1_100_000) });
    assert.equal(answer.status, 413);
  });

  it("tells people on a page, in their language, what it refuses", async () => {
    const answer = await ask("/flags/new", {
      method: "POST",
      headers: { accept: "text/html", "accept-language": "ja", "content-type": "application/x-www-form-urlencoded" },
      body: `name=${"x".repeat(1_100_000)}`,
    });
    assert.equal(answer.status, 413);
    assert.match(answer.headers.get("content-type"), /^text\/html/);
    assert.match(await answer.text(), /<html lang="ja".*上限（1 MiB）/s);
  });

  it("writers of one version don't overwrite each other", async () => {
    await send("POST", "/api/v1/experiments", draft("contended"));
    const { version } = (await read("/api/v1/experiments/contended")).experiment;
    const names = Array.from({ length: 6 }, (_, n) => `writer ${n}`);
    const statuses = await Promise.all(
      names.map(async (name) => (await send("PUT", "/api/v1/experiments/contended", { version, draft: draft("contended", { name }) })).status),
    );
    assert.deepEqual(statuses.sort(), [200, 409, 409, 409, 409, 409]);
  });

  it("publishes at once what was started, and stops it", async () => {
    assert.equal((await send("POST", "/api/v1/experiments", draft("live"))).status, 201);
    const started = await send("POST", "/api/v1/experiments/live/start", {});
    assert.equal(started.status, 200, await started.text());
    const running = (snapshot) => snapshot?.experiments.some((experiment) => experiment.id === "live");
    const first = await until("the snapshot in KV", async () => {
      const snapshot = await published(host);
      return running(snapshot) && snapshot;
    });
    assert.equal((await send("POST", "/api/v1/experiments/live/stop", {})).status, 200);
    await until("a snapshot without it", async () => {
      const snapshot = await published(host);
      return snapshot.version > first.version && !running(snapshot);
    });
  });

  it("runs the controllers by the cron trigger", async () => {
    const end_ms = Date.now() + 1_500;
    await send("POST", "/api/v1/experiments", draft("short", { schedule: { end_ms, timezone: "UTC" } }));
    const started = await send("POST", "/api/v1/experiments/short/start", {});
    assert.equal(started.status, 200, await started.text());
    const worker = await host.miniflare.getWorker("console");
    await until("the end of the schedule", async () => {
      const { outcome } = await worker.scheduled({ cron: "* * * * *" });
      assert.equal(outcome, "ok");
      return (await read("/api/v1/experiments/short")).experiment.status === "stopped";
    });
  });

  it("has a log that verifies", async () => {
    const verified = await (await send("POST", "/api/v1/audit/verify", {})).json();
    assert.equal(verified.ok, true, JSON.stringify(verified));
  });
});
