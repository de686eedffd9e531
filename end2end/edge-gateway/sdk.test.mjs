// What SDKs ask, against the Worker on workerd and the native gateway. Streams are the one
// difference: between requests a Worker is nobody, so it keeps none and says so.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { closeSurroundings, halfAndHalf, publish, startNative, startWorker, surroundings, until } from "./support.mjs";

const CLIENT = "nxc_client";
const SERVER = "nxs_server";
const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const SHOP = "https://shop.example";

function withKeys(version) {
  const key = (id, kind, text, more) => ({ id, kind, sha256: createHash("sha256").update(text).digest("hex"), ...more });
  const rule = { coverage_bp: 10_000, seed: "s", value: true, targeting: { countries: ["JP"], devices: ["mobile"] } };
  return {
    ...halfAndHalf(version),
    flags: [{ key: "here", value: false, rules: [rule] }, { key: "version", value: version }],
    sdk_keys: [key("web", "client", CLIENT, { origins: [SHOP] }), key("api", "server", SERVER)],
  };
}

for (const start of [startWorker, startNative]) {
  const hasStreams = start === startNative;
  describe(`SDKs of the ${hasStreams ? "native host" : "Worker on workerd"}`, () => {
    let around;
    let host;

    before(async () => {
      around = await surroundings();
      host = await start(around);
      await publish(host, withKeys(1));
    });
    after(async () => {
      await host?.stop();
      await closeSurroundings(around);
    });

    const get = (page, headers = {}) => fetch(`${host.url}/__nexus/${page}`, { headers });
    const ask = (flag, context, headers = {}) =>
      fetch(`${host.url}/__nexus/ofrep/v1/evaluate/flags${flag}`, {
        method: "POST",
        headers: { authorization: `Bearer ${SERVER}`, "content-type": "application/json", ...headers },
        body: JSON.stringify({ context }),
      });

    it("gives the payload, kept by its tag", async () => {
      const first = await get(`api/features/${CLIENT}`, { origin: SHOP });
      assert.equal(first.headers.get("access-control-allow-origin"), SHOP);
      assert.equal(first.headers.get("x-sse-support"), hasStreams ? "enabled" : null);
      const { status, features } = await first.json();
      assert.deepEqual([status, Object.keys(features)], [200, ["button", "checkout", "here", "version"]]);
      const known = { "if-none-match": first.headers.get("etag") };
      assert.equal((await get(`api/features/${CLIENT}`, known)).status, 304);
      await publish(host, withKeys(2));
      const next = await (await get(`api/features/${CLIENT}`, known)).json();
      assert.equal(next.features.version.defaultValue, 2);
    });

    it("knows its keys", async () => {
      for (const [key, headers, status] of [
        [SERVER, {}, 200],
        [SERVER, { origin: SHOP }, 403],
        [CLIENT, { origin: "https://evil.example" }, 403],
        ["nxc_other", {}, 401],
      ]) {
        const answer = await get(`api/features/${key}`, headers);
        assert.equal(answer.status, status, key);
        assert.equal(answer.headers.get("vary"), "Origin");
      }
      const preflight = await fetch(`${host.url}/__nexus/ofrep/v1/evaluate/flags`, { method: "OPTIONS", headers: { origin: SHOP } });
      assert.equal(preflight.status, 204);
      assert.match(preflight.headers.get("access-control-allow-headers"), /authorization/);
    });

    it("evaluates flags for services and for visitors", async () => {
      const phone = { "cf-ipcountry": "JP", "user-agent": "Mozilla/5.0 (iPhone) Mobile/15E148" };
      const value = async (headers) => (await (await ask("/here", { targetingKey: "u" }, headers)).json()).value;
      assert.equal(await value(phone), false, "a service speaks of others");
      assert.equal(await value({ ...phone, authorization: `Bearer ${CLIENT}` }), true);
      const all = await ask("", { targetingKey: "u" });
      const { flags, eventStreams } = await all.json();
      assert.deepEqual(flags.map((flag) => flag.key), ["button", "checkout", "here", "version"]);
      assert.equal(eventStreams?.[0].type, hasStreams ? "sse" : undefined);
      assert.equal((await ask("", { targetingKey: "u" }, { "if-none-match": all.headers.get("etag") })).status, 304);
      const missing = await ask("/here", {});
      assert.deepEqual([missing.status, (await missing.json()).errorCode], [400, "TARGETING_KEY_MISSING"]);
      const unknown = await ask("/nowhere", { targetingKey: "u" });
      assert.deepEqual([unknown.status, (await unknown.json()).errorCode], [404, "FLAG_NOT_FOUND"]);
    });

    it("counts exposures: evaluated, and claimed if the hash says so", async () => {
      const { value, variant } = await (await ask("/button", { targetingKey: "exposed" })).json();
      assert.equal(value, variant === "treatment" ? "今すぐ" : "Buy");
      const exposure = (unit) => around.console.events().find((event) => event.unit === unit);
      const evaluated = await until("the exposure", () => exposure("exposed"));
      assert.deepEqual(evaluated.assignments, [{ experiment: "checkout", variant, version: 2 }]);
      const dealt = (await (await ask("", { targetingKey: "claimed" })).json()).flags.find((flag) => flag.key === "checkout").value;
      const other = dealt === "control" ? "treatment" : "control";
      const claim = (variant) => ({ type: "exposure", id: ID, experiment: "checkout", variant, unit: "claimed" });
      const body = JSON.stringify({ events: [claim(dealt), claim(other)] });
      const answer = await fetch(`${host.url}/__nexus/events?key=${CLIENT}`, { method: "POST", headers: { origin: SHOP }, body });
      const { queued, rejected } = await answer.json();
      assert.deepEqual([answer.status, queued, rejected.length], [202, 1, 1]);
      const claimed = await until("the claim", () => exposure("claimed"));
      assert.deepEqual([claimed.id, claimed.assignments[0].variant], [ID, dealt]);
    });

    it("keeps streams or says that it does not", async () => {
      const stream = await get(`sub/${CLIENT}`);
      if (!hasStreams) return assert.equal(stream.status, 404);
      const reader = stream.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      const said = async (part) => {
        while (!text.includes(part)) text += (await reader.read()).value;
      };
      await said('"version":{"defaultValue":2}');
      await publish(host, withKeys(3));
      await said('"version":{"defaultValue":3}');
      await reader.cancel();
    });
  });
}
