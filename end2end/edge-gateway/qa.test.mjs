// Links for testers, at the Worker on workerd and at the native gateway: whoever opens one sees
// what it forces, in that browser only, and is counted nowhere.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, describe, it } from "node:test";
import {
  closeSurroundings, forgedLink, halfAndHalf, linkText, publish, startNative, startWorker, surroundings, until,
} from "./support.mjs";

const NEVER_MS = 9_000_000_000_000;
const ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const SERVER = "nxs_server";
// Of an experiment that is no more than a draft: it does not stand in the snapshot.
const variant = { key: "bold", weight_bp: 5_000, features: { headline: "Bold" }, deployment: "canary" };
const DRAFT = { id: "qa_1", expires_ms: NEVER_MS, forces: "variant", experiment: "drafted", variant, position: 1 };
const FLAG = { id: "qa_2", expires_ms: NEVER_MS, forces: "value", flag: "cta", value: "forced" };
const OVER = { id: "qa_3", expires_ms: 1, forces: "value", flag: "cta", value: "late" };

function snapshot(version, qa_links) {
  const sha256 = createHash("sha256").update(SERVER).digest("hex");
  return {
    ...halfAndHalf(version),
    flags: [{ key: "cta", value: "plain" }],
    sdk_keys: [{ id: "api", kind: "server", sha256 }],
    qa_links,
  };
}

for (const start of [startWorker, startNative]) {
  describe(`links for testers at the ${start === startWorker ? "Worker on workerd" : "native host"}`, () => {
    let around;
    let host;

    before(async () => {
      around = await surroundings();
      host = await start(around);
      await publish(host, snapshot(1, [DRAFT, FLAG, OVER]));
    });
    after(async () => {
      await host?.stop();
      await closeSurroundings(around);
    });

    const get = (path, headers = {}) => fetch(host.url + path, { headers, redirect: "manual" });
    const decisionOf = (echo) => JSON.parse(echo.headers["x-nexus-decision"]);
    /** Opens a link; what the browser sends from then on. */
    const open = async (link, cookie = "") => {
      const answer = await get(`/cart?a=1&nexus_qa=${linkText(link)}`, { cookie });
      assert.deepEqual([answer.status, answer.headers.get("location")], [302, "/cart?a=1"]);
      const set = answer.headers.get("set-cookie");
      assert.match(set, /^nexus_qa=[\w.~-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/);
      return set.split(";")[0];
    };

    it("force a draft's variant and a flag's value, for that browser", async () => {
      const cookie = await open(FLAG, await open(DRAFT));
      const answer = await get("/cart", { cookie, "x-nexus-user": "tester" });
      const echo = await answer.json();
      assert.equal(answer.headers.get("x-nexus-qa"), 'flag:cta="forced"; experiment:drafted=bold');
      assert.equal(answer.headers.get("cache-control"), "private, no-store");
      assert.equal(echo.origin, "canary", "where the variant runs");
      const { assignments, features } = decisionOf(echo);
      assert.equal(assignments.drafted, "bold");
      assert.deepEqual([features.headline, features.cta], ["Bold", "forced"]);
      const other = await get("/cart", { "x-nexus-user": "tester" });
      assert.equal(other.headers.get("x-nexus-qa"), null);
      assert.equal(decisionOf(await other.json()).features.headline, undefined);
    });

    it("answer OFREP too", async () => {
      const ask = async (headers) => {
        const answer = await fetch(`${host.url}/__nexus/ofrep/v1/evaluate/flags/cta`, {
          method: "POST",
          headers: { authorization: `Bearer ${SERVER}`, "content-type": "application/json", ...headers },
          body: JSON.stringify({ context: { targetingKey: "tester" } }),
        });
        return (await answer.json()).value;
      };
      assert.equal(await ask({ cookie: await open(FLAG) }), "forced");
      assert.equal(await ask({}), "plain");
    });

    it("count nowhere", async () => {
      const cookie = await open(DRAFT);
      const headers = { cookie, "x-nexus-user": "forced" };
      for (let n = 0; n < 5; n++) await (await get("/counted", headers)).text();
      const events = [{ id: ID, metric: "purchase", unit: "forced" }];
      const report = { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify({ events }) };
      const told = await fetch(`${host.url}/events`, report);
      assert.deepEqual([told.status, (await told.json()).queued], [202, 1], "answered as ever");
      // Everybody else is, after all of the tester's.
      await (await get("/counted", { "x-nexus-user": "usual" })).text();
      const counted = () => around.console.events().filter((event) => event.path === "/counted" || event.id === ID);
      await until("the others' event", () => counted().length > 0);
      assert.deepEqual(counted().map((event) => event.unit), ["usual"]);
    });

    it("are refused when forged, altered or expired, and then force nothing", async () => {
      const good = linkText(DRAFT);
      for (const [what, text, status] of [
        ["forged", forgedLink(DRAFT), 403],
        ["altered", good.replace("e", "f"), 403],
        ["garbage", "x.y", 403],
        ["for another value", linkText({ ...FLAG, value: "mine" }), 404],
        ["for longer", linkText({ ...FLAG, expires_ms: NEVER_MS + 1 }), 404],
        ["expired", linkText(OVER), 410],
      ]) {
        const asked = await get(`/?nexus_qa=${text}`);
        assert.deepEqual([asked.status, asked.headers.get("set-cookie")], [status, null], what);
        const answer = await get("/", { cookie: `nexus_qa=${text}` });
        assert.deepEqual([answer.status, answer.headers.get("x-nexus-qa")], [200, null], what);
      }
    });

    it("are left, and end when they are revoked", async () => {
      const cookie = await open(DRAFT);
      const left = await get("/cart?nexus_qa=off", { cookie });
      assert.deepEqual([left.status, left.headers.get("location")], [302, "/cart"]);
      assert.match(left.headers.get("set-cookie"), /^nexus_qa=; Path=\/; Max-Age=0/);
      await publish(host, snapshot(2, [FLAG]));
      assert.equal((await get("/", { cookie })).headers.get("x-nexus-qa"), null);
      assert.equal((await get(`/?nexus_qa=${linkText(DRAFT)}`)).status, 404);
      assert.equal((await get("/", { cookie: await open(FLAG) })).headers.get("x-nexus-qa"), 'flag:cta="forced"');
    });
  });
}
