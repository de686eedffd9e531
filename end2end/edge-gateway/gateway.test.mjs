// The same cases against the Worker on workerd and the native gateway.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import {
  closeSurroundings, envelope, forged, halfAndHalf, publicStatus, publish, startNative, startWorker,
  status, surroundings, until,
} from "./support.mjs";

const ID = "01890a5d-ac96-774b-bcce-b302099a8057";

for (const start of [startWorker, startNative]) {
  describe(start === startWorker ? "Worker on workerd" : "native host", () => {
    let around;
    let host;
    let version = 0;

    before(async () => {
      around = await surroundings();
      host = await start(around);
    });
    after(async () => {
      await host?.stop();
      await closeSurroundings(around);
    });

    const get = (path, headers = {}) => fetch(host.url + path, { headers, redirect: "manual" });
    const echoed = async (path, headers) => (await get(path, headers)).json();
    const decisionOf = (echo) => JSON.parse(echo.headers["x-nexus-decision"] ?? "null");
    const fresh = async (deployment) => {
      version += 1;
      await publish(host, halfAndHalf(version, deployment));
    };
    const report = (events, headers = {}) =>
      fetch(`${host.url}/events`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ events }),
      });

    it("serves the default origin untouched without a snapshot", async () => {
      const answer = await get("/a?b=c");
      const echo = await answer.json();
      assert.equal(echo.origin, "stable");
      assert.equal(echo.target, "/a?b=c");
      assert.equal(echo.headers["x-nexus-decision"], undefined);
      assert.equal(answer.headers.get("set-cookie"), null);
      assert.equal(echo.headers["cache-control"], undefined);
      assert.equal((await status(host)).snapshot.version, null);
      assert.deepEqual(await publicStatus(host), { status: "ok", version: null });
      assert.deepEqual(await (await get("/__nexus/health")).json(), { status: "ok" });
      assert.equal((await get("/__nexus/other")).status, 404);
    });

    it("splits traffic by the snapshot and sticks to user ids", async () => {
      await fresh();
      let treated = 0;
      for (let n = 0; n < 200; n++) {
        const echo = await echoed("/", { "x-nexus-user": `user-${n}` });
        const decision = decisionOf(echo);
        const variant = decision.assignments.checkout;
        assert.equal(echo.origin, variant === "treatment" ? "canary" : "stable");
        assert.equal(decision.deployment, echo.origin);
        assert.deepEqual(decision.features, { button: variant === "treatment" ? "今すぐ" : "Buy" });
        assert.deepEqual(decision.reasons, [`ab_test_checkout_${variant}`]);
        treated += variant === "treatment" ? 1 : 0;
        if (n < 5) assert.deepEqual(decisionOf(await echoed("/", { "x-nexus-user": `user-${n}` })), decision);
      }
      assert.ok(treated > 70 && treated < 130, `${treated} of 200`);
    });

    it("gives strangers a cookie and recognises it", async () => {
      for (let n = 0; n < 5; n++) {
        const first = await get("/");
        const cookie = first.headers.get("set-cookie");
        assert.match(cookie, /^nexus_uid=[\w-]{22}; Path=\/; Max-Age=34560000; HttpOnly; SameSite=Lax$/);
        const again = await get("/", { cookie: cookie.split(";")[0] });
        assert.equal(again.headers.get("set-cookie"), null);
        assert.deepEqual(decisionOf(await again.json()), decisionOf(await first.json()));
      }
    });

    it("lets no cache mix up variants", async () => {
      const { headers } = await echoed("/");
      // Only the Worker has Cloudflare's cache between itself and the origin.
      assert.equal(headers["cache-control"], start === startWorker ? "no-cache" : undefined);
      version += 1;
      await publish(host, { ...halfAndHalf(version), experiments: [] });
      assert.equal((await echoed("/")).headers["cache-control"], undefined, "all get the same");
      await fresh();
    });

    it("speaks for itself to the origin", async () => {
      const answer = await get("/x", { "x-nexus-decision": "{}", "x-nexus-request-id": "mine", "x-nexus-other": "1", "x-nexus-attr-plan": "pro" });
      const echo = await answer.json();
      const id = answer.headers.get("x-nexus-request-id");
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7/);
      assert.equal(echo.headers["x-nexus-request-id"], id);
      assert.notDeepEqual(decisionOf(echo), {});
      assert.equal(echo.headers["x-nexus-other"], undefined);
      assert.equal(echo.headers["x-nexus-attr-plan"], undefined);
      assert.equal(echo.headers["x-forwarded-proto"], "http");
      assert.equal(echo.headers["x-forwarded-host"], new URL(host.url).host);
      assert.equal(echo.headers.via, "1.1 nexus-gateway");
      assert.equal(answer.headers.get("x-origin"), echo.origin);
      assert.equal(answer.headers.get("x-secret-hop"), null);
    });

    it("passes bodies and statuses", async () => {
      const answer = await fetch(`${host.url}/x`, { method: "PUT", body: "héllo" });
      const echo = await answer.json();
      assert.deepEqual([echo.method, echo.body], ["PUT", "héllo"]);
      for (const wanted of [204, 301, 404, 500]) {
        assert.equal((await get("/", { "x-want-status": String(wanted) })).status, wanted);
      }
      assert.equal((await fetch(host.url, { method: "HEAD" })).status, 200);
    });

    it("keeps the last good snapshot", async () => {
      await fresh();
      const next = version + 1;
      const bad = [
        [forged(halfAndHalf(next)), "signature"],
        ["{", "not a signed snapshot"],
        [envelope(halfAndHalf(version - 1)), "older"],
        [envelope({ ...halfAndHalf(next), environment: "production" }), "production"],
      ];
      for (const [value, problem] of bad) {
        await host.put(value);
        await until(problem, async () => (await status(host)).snapshot.last_error?.includes(problem));
        assert.equal(decisionOf(await echoed("/")).version, version);
      }
      await fresh();
      assert.equal((await status(host)).snapshot.last_error, null);
    });

    it("answers 502 for a dead origin and counts it against its variant", async () => {
      await fresh("dead");
      const statuses = new Set();
      for (let n = 0; n < 20; n++) {
        const answer = await get("/dead-or-alive", { "x-nexus-user": `dead-${n}` });
        statuses.add(answer.status);
        if (answer.status === 502) assert.equal(answer.headers.get("content-type"), "application/problem+json");
        await answer.text();
      }
      assert.deepEqual([...statuses].sort(), [200, 502]);
      const reported = await until("20 events", () => {
        const events = around.console.events().filter((event) => event.path === "/dead-or-alive");
        return events.length === 20 && events;
      });
      for (const event of reported) {
        assert.equal(event.status === 502, event.assignments[0].variant === "treatment");
      }
    });

    it("reports a visitor who gives up on a hanging origin", async () => {
      await fresh();
      const hung = fetch(`${host.url}/hang`, { headers: { "x-nexus-user": "ann" }, signal: AbortSignal.timeout(500) });
      await assert.rejects(hung, { name: "TimeoutError" });
      const exposure = () => until("the exposure", () => around.console.events().find((event) => event.path === "/hang"));
      if (start === startNative) assert.equal((await exposure()).status, 499);
      // Nothing tells when a Worker has noticed; it must not matter to it.
      await pause(500);
      for (const origin of [around.stable, around.canary]) origin.giveUp();
      if (start === startWorker) assert.equal((await exposure()).status, 500);
    });

    it("reports exposures with their outcome", async () => {
      await fresh();
      const answer = await get("/buy?secret=1", {
        "x-nexus-user": "buyer",
        "cf-ipcountry": "JP",
        "cf-ray": "8a1b2c3d4e5f6071-NRT",
        "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148",
      });
      const { origin } = await answer.json();
      const id = answer.headers.get("x-nexus-request-id");
      const event = await until("the event", () => around.console.events().find((event) => event.id === id));
      const { at_ms, duration_ms, ...rest } = event;
      assert.ok(Math.abs(Date.now() - at_ms) < 60_000 && duration_ms >= 0);
      const variant = origin === "canary" ? "treatment" : "control";
      assert.deepEqual(rest, {
        type: "request", id, unit: "buyer", assignments: [{ experiment: "checkout", variant, version }],
        status: 200, country: "JP", colo: "nrt", device: "mobile", browser: "other", path: "/buy", deployment: origin,
      });
    });

    it("takes conversions one by one", async () => {
      const answer = await report([{ id: ID, metric: "purchase", value: 9.5 }, { id: "?", metric: "x" }], { "x-nexus-user": "ann" });
      assert.equal(answer.status, 202);
      assert.deepEqual(await answer.json(), { queued: 1, rejected: [{ index: 1, problem: "id is not a UUID" }] });
      const event = await until("the conversion", () => around.console.events().find((event) => event.id === ID));
      assert.deepEqual([event.type, event.unit, event.metric, event.value], ["conversion", "ann", "purchase", 9.5]);
      const unknown = await report([{ id: ID, metric: "Purchase" }], { "x-nexus-user": "ann" });
      const { queued, rejected } = await unknown.json();
      assert.equal(queued, 0);
      assert.match(rejected[0].problem, /^metric must be/);
      assert.equal((await report([{ id: ID, metric: "m", unit: "x".repeat(70_000) }])).status, 413);
      assert.equal((await report(Array(101).fill({ id: ID, metric: "m" }))).status, 400);
      assert.equal((await get("/events")).status, 405);
      assert.equal((await report([], { origin: "https://evil.example" })).status, 403);
      const allowed = await report([], { origin: "https://shop.example" });
      assert.equal(allowed.headers.get("access-control-allow-origin"), "https://shop.example");
    });

    it("delivers again under the same id after an outage", async () => {
      const { state } = around.console;
      state.status = 503;
      const marked = (event) => event.path === "/outage";
      for (let n = 0; n < 10; n++) await (await get("/outage", { "x-nexus-user": `outage-${n}` })).text();
      await until("a retry", async () => (await status(host)).telemetry.retries > 0);
      state.lostReplies = 1;
      state.status = 200;
      await until("all events", async () => {
        await (await get("/")).text();
        return around.console.events().filter(marked).length >= 20;
      });
      const batches = state.batches.filter((batch) => batch.events.some(marked));
      assert.deepEqual(batches[0], batches[1], "the reply was lost, so the same batch came again");
      assert.equal(new Set(around.console.events().filter(marked).map((event) => event.id)).size, 10);
    });

    it("delivers in parts what the console finds too large", async () => {
      const { state } = around.console;
      state.mostEvents = 3;
      const requests = Array.from({ length: 20 }, (_, n) => echoed("/large", { "x-nexus-user": `large-${n}` }));
      await Promise.all(requests);
      const large = await until("all events", () => {
        const events = around.console.events().filter((event) => event.path === "/large");
        return events.length >= 20 && events;
      });
      assert.equal(large.length, 20);
      state.mostEvents = 1000;
      assert.equal((await status(host)).telemetry.dropped, 0);
    });

    it("gets over a console that hangs", async () => {
      const { state } = around.console;
      state.hangs = 1;
      await echoed("/hanging", { "x-nexus-user": "patient" });
      await until("the event", () => around.console.events().some((event) => event.path === "/hanging"));
      assert.equal(state.hangs, 0);
    });

    it("keeps room for exposures while conversions flood it", async () => {
      const { state } = around.console;
      const { dropped } = (await status(host)).telemetry;
      state.status = 503;
      const flood = Array(100).fill({ id: ID, metric: "m", unit: "eve" });
      const refused = await until("a refusal", async () => {
        const answer = await report(flood);
        return answer.status !== 202 && answer;
      });
      assert.equal(refused.status, 503);
      assert.ok(refused.headers.has("retry-after"));
      for (let n = 0; n < 100; n++) await echoed("/flooded", { "x-nexus-user": `flooded-${n}` });
      state.status = 200;
      const exposed = () => new Set(around.console.events().filter((event) => event.path === "/flooded").map((event) => event.id)).size;
      await until("all exposures", async () => {
        await echoed("/");
        return exposed() === 100;
      });
      assert.equal((await status(host)).telemetry.dropped, dropped);
    });

    it("passes streams on as they come", async () => {
      const user = await until("a user on stable", async () => {
        const user = `user-${Math.random()}`;
        return (await echoed("/", { "x-nexus-user": user })).origin === "stable" && user;
      });
      const answer = await get("/stream", { "x-nexus-user": user });
      assert.equal(answer.headers.get("content-type"), "text/event-stream");
      const reader = answer.body.getReader();
      for (let n = 0; n < 3; n++) {
        // Each event arrives before the origin sends the next.
        const { value } = await reader.read();
        assert.equal(Buffer.from(value).toString(), `data: ${n}\n\n`);
        around.stable.release(n + 1);
      }
      await reader.cancel();
    });
  });
}

describe("Worker with Analytics Engine", () => {
  let around;
  let host;
  let points;

  before(async () => {
    around = await surroundings();
    points = await (await import("./points.mjs")).collector();
    host = await startWorker(around, {
      cf: { country: "BR", colo: "GRU" },
      worker: { wrappedBindings: { NEXUS_EVENTS: { scriptName: "dataset", bindings: { COLLECTOR: points.url } } } },
      others: [points.dataset],
    });
  });
  after(async () => {
    await host?.stop();
    await points?.close();
    await closeSurroundings(around);
  });

  it("writes data points besides telling the console", async () => {
    await publish(host, halfAndHalf(1));
    const answer = await fetch(`${host.url}/buy`, { headers: { "x-nexus-user": "ann", "user-agent": "curl/8.5.0" } });
    const { origin } = await answer.json();
    const id = answer.headers.get("x-nexus-request-id");
    const point = await until("the point", () => points.all.find((point) => point.blobs[6] === id));
    const variant = origin === "canary" ? "treatment" : "control";
    assert.deepEqual(point.indexes, ["checkout"]);
    assert.deepEqual(point.blobs, [
      "request", "staging", "worker", "checkout", variant, "ann", id, "BR", "gru", "bot", "/buy", origin,
    ]);
    assert.deepEqual([point.doubles[0], point.doubles[2], point.doubles.length], [200, 1, 4]);
    await until("the event", () => around.console.events().some((event) => event.id === id));
    assert.equal((await status(host)).telemetry.sent, 1);
  });
});

describe("Worker that nobody visits", () => {
  let around;
  let host;

  before(async () => {
    around = await surroundings();
    host = await startWorker(around);
  });
  after(async () => {
    await host?.stop();
    await closeSurroundings(around);
  });

  it("tells the console that it lives and what it obeys", async () => {
    await host.put(envelope(halfAndHalf(1)));
    await host.tick();
    const greeting = await until("a sign of life", () => around.console.state.batches[0]);
    assert.deepEqual([greeting.gateway_id, greeting.snapshot_version, greeting.events], ["worker", 1, []]);
    await until("another, without another trigger", () => around.console.state.batches.length > 1);
  });

  it("delivers what an outage held up", async () => {
    around.console.state.status = 503;
    const answer = await fetch(`${host.url}/late`, { headers: { "x-nexus-user": "ann" } });
    await answer.text();
    await until("a delivery given up", async () => {
      const { retries, queued } = (await status(host)).telemetry;
      return retries >= 3 && queued === 1;
    });
    around.console.state.status = 200;
    await host.tick();
    const id = answer.headers.get("x-nexus-request-id");
    await until("the event", () => around.console.events().some((event) => event.id === id));
  });
});
