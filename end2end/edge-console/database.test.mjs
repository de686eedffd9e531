// The suite that every adapter of the database must pass, on D1.

import assert from "node:assert/strict";
import { it } from "node:test";
import { Miniflare } from "miniflare";
import { migrate, required, workerModules } from "./support.mjs";

it("D1 does what every database of the console must do", async () => {
  const miniflare = new Miniflare({
    modules: await workerModules(required("NEXUS_D1_SUITE_DIR")),
    compatibilityDate: "2026-03-01",
    d1Databases: { DB: "suite" },
    host: "127.0.0.1",
    port: 0,
    cf: {},
  });
  try {
    await migrate(await miniflare.getD1Database("DB"));
    const answer = await miniflare.dispatchFetch("http://suite.invalid/");
    assert.equal(await answer.text(), "ok\n");
  } finally {
    await miniflare.dispose();
  }
});
