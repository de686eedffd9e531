// What flags give and who comes by reaches the console as sums and samples, from both hosts.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { closeSurroundings, publish, startNative, startWorker, surroundings, until } from "./support.mjs";

const SNAPSHOT = {
  version: 1,
  environment: "staging",
  created_ms: 1,
  experiments: [],
  flags: [
    {
      key: "checkout",
      value: "old",
      rules: [
        {
          targeting: { attributes: [{ name: "plan", operator: "is", values: ["pro"] }] },
          coverage_bp: 10_000,
          seed: "s",
          value: "new",
        },
      ],
    },
  ],
  sampling_seed: "000102030405060708090a0b0c0d0e0f",
};

for (const start of [startWorker, startNative]) {
  describe(start === startWorker ? "Worker on workerd" : "native host", () => {
    let around;
    let host;

    before(async () => {
      around = await surroundings();
      host = await start(around);
      await publish(host, SNAPSHOT);
    });
    after(async () => {
      await host?.stop();
      await closeSurroundings(around);
    });

    it("tells of flags and visitors although no event takes them along", async () => {
      const visit = (user, headers = {}) =>
        fetch(`${host.url}/cart`, { headers: { "x-nexus-user": user, "cf-ipcountry": "JP", ...headers } });
      await (await visit("ann", { "x-nexus-attr-plan": "pro", "x-nexus-attr-email": "a@b.example" })).text();
      await (await visit("bob")).text();
      await (await visit("bob")).text();
      await (await visit("crawler", { "user-agent": "Googlebot/2.1" })).text();

      const batches = () => around.console.state.batches;
      const visitors = () => batches().flatMap((batch) => batch.samples?.visitors ?? []);
      // The native one may have told of the first before the second came; then a minute passes.
      const first = () => visitors().find((visitor) => visitor.unit === "ann");
      // A Worker's isolate tells every 20 s.
      const ann = (await until("", first).catch(() => undefined)) ?? (await until("the first visitor", first));
      const { browser, ...attributes } = ann.attributes;
      assert.deepEqual(attributes, { path: "/cart", plan: "pro" });
      assert.equal(ann.country, "JP");
      const [sample] = batches().flatMap((batch) => batch.samples ?? []);
      assert.equal(sample.below, 2 ** 52);

      if (start === startNative) return;
      const counts = () => {
        const sums = {};
        for (const { value, count } of batches().flatMap((batch) => batch.flags ?? [])) sums[value] = (sums[value] ?? 0) + count;
        return sums;
      };
      await until("every request", () => counts()['"old"'] >= 3);
      assert.equal(counts()['"new"'], 1);
      assert.deepEqual(new Set(visitors().map((visitor) => visitor.unit)), new Set(["ann", "bob"]));
    });
  });
}
