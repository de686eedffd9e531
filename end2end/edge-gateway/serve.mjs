// Both Workers in front of one origin, for measuring: prints
// `{"pass_through": url, "gateway": url}` and ends with its standard input.

import { readFile } from "node:fs/promises";
import { Miniflare } from "miniflare";
import { ENVIRONMENT, halfAndHalf, publish, TRUSTED_KEY, workerModules } from "./support.mjs";

const origin = process.env.NEXUS_MEASURE_ORIGIN;
if (!origin) throw new Error("NEXUS_MEASURE_ORIGIN is not set; `cargo xtask measure` sets it");

const common = { host: "127.0.0.1", port: 0, cf: {}, compatibilityDate: "2026-03-01" };

const passThrough = new Miniflare({
  ...common,
  modules: true,
  script: await readFile(new URL("pass-through/index.js", import.meta.url), "utf8"),
  bindings: { ORIGIN: origin },
});

const gateway = new Miniflare({
  ...common,
  modules: await workerModules(),
  kvNamespaces: { NEXUS_CONFIG: "nexus-config" },
  // Miniflare's own dataset, which forgets what is written: the gateway's share is measured.
  analyticsEngineDatasets: { NEXUS_EVENTS: { dataset: "nexus_events" } },
  bindings: {
    NEXUS_ENVIRONMENT: ENVIRONMENT,
    NEXUS_ORIGINS: `stable=${origin}`,
    NEXUS_SNAPSHOT_KEYS: TRUSTED_KEY,
  },
});

const urls = { pass_through: (await passThrough.ready).origin, gateway: (await gateway.ready).origin };
const kv = await gateway.getKVNamespace("NEXUS_CONFIG");
const put = (value) => kv.put(`snapshot:${ENVIRONMENT}`, value);
await publish({ url: urls.gateway, put }, halfAndHalf(1, "stable"));
console.log(JSON.stringify(urls));

process.stdin.resume();
process.stdin.once("end", async () => {
  await Promise.all([passThrough.dispose(), gateway.dispose()]);
});
