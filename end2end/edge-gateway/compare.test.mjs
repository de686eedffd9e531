// The Worker and the native gateway decide alike: one to one over random contexts.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { closeSurroundings, ENVIRONMENT, publish, startNative, startWorker, surroundings } from "./support.mjs";

const CONTEXTS = Number(process.env.NEXUS_COMPARE_CONTEXTS ?? 100_000);
const BATCH = 5_000;
const NOW_MS = 1_750_000_000_000;
const DAY_MS = 86_400_000;

/** mulberry32: small, repeatable. */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const next = random(20_250_615);
const pick = (list) => list[Math.floor(next() * list.length)];
const upTo = (n) => Math.floor(next() * n);

const COUNTRIES = ["JP", "US", "DE", "GB", "BR", "IN", "T1", "XX", "jp", "Japan", null];
const PLANS = ["free", "pro", "enterprise", "pro-trial", "", "プロ"];
const AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 Version/17.7 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 13; SM-X906C) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36",
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
  "SomethingElse/1.0",
];
const CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
const word = (length) => Array.from({ length }, () => pick(CHARACTERS)).join("");

function targeting() {
  const attribute = {
    name: pick(["plan", "beta"]),
    operator: pick(["is", "is_not", "starts_with", "ends_with", "contains", "does_not_contain"]),
    values: [pick(["pro", "free", "e", "1"])],
  };
  return {
    countries: next() < 0.4 ? ["JP", "US", "BR"].slice(0, 1 + upTo(3)) : [],
    devices: next() < 0.3 ? [pick(["mobile", "desktop", "tablet", "bot", "other"])] : [],
    attributes: next() < 0.4 ? [attribute] : [],
  };
}

function weights(count) {
  const each = Array.from({ length: count }, () => upTo(Math.floor(10_000 / count)));
  each[0] += 10_000 - each.reduce((sum, weight) => sum + weight, 0);
  return each;
}

function experiment(index) {
  const variants = weights(2 + upTo(4)).map((weight_bp, variant) => ({
    key: variant === 0 ? "control" : `v${variant}`,
    weight_bp,
    features: { [`f${index % 7}`]: pick([1, "two", { three: [3] }, null, "四"]) },
    deployment: variant > 0 && next() < 0.3 ? pick(["canary", "dead", "unheard-of"]) : null,
  }));
  const running = next() < 0.8;
  return {
    id: `exp-${index}`,
    seed: `seed-${index}`,
    coverage_bp: pick([10_000, 5_000, 100, 0]),
    variants,
    targeting: targeting(),
    start_ms: running ? null : NOW_MS - upTo(DAY_MS),
    end_ms: running ? null : NOW_MS + 1 + upTo(DAY_MS),
    paused: next() < 0.1,
  };
}

function flag(index) {
  const rules = Array.from({ length: upTo(3) }, (_, rule) => ({
    targeting: targeting(),
    coverage_bp: pick([10_000, 3_000, 0]),
    seed: `flag-${index}-${rule}`,
    value: pick([true, 2, "drei", { vier: 4 }]),
  }));
  return { key: `flag-${index}`, value: false, rules };
}

function context() {
  const headers = [["user-agent", pick(AGENTS)]];
  const identity = next();
  if (identity < 0.5) headers.push(["x-nexus-user", word(1 + upTo(40))]);
  else if (identity < 0.9) headers.push(["cookie", `a=b; nexus_uid=${word(21)}${pick(["A", "Q", "g", "w"])}`]);
  else if (identity < 0.95) headers.push(["cookie", `nexus_uid=${word(upTo(30))}`]);
  if (next() < 0.6) headers.push(["x-nexus-attr-plan", pick(PLANS)]);
  if (next() < 0.3) headers.push(["x-nexus-attr-beta", pick(["1", "0"])]);
  if (next() < 0.2) headers.push(["sec-ch-ua-mobile", pick(["?1", "?0"])]);
  return { headers, country: pick(COUNTRIES), now_ms: NOW_MS - DAY_MS + upTo(2 * DAY_MS) };
}

let around;
let hosts = [];

before(async () => {
  around = await surroundings();
  hosts = [await startWorker(around), await startNative(around)];
  const snapshot = {
    version: 1,
    environment: ENVIRONMENT,
    created_ms: NOW_MS,
    experiments: Array.from({ length: 40 }, (_, index) => experiment(index)),
    flags: Array.from({ length: 30 }, (_, index) => flag(index)),
  };
  for (const host of hosts) await publish(host, snapshot);
});

after(async () => {
  for (const host of hosts) await host.stop();
  await closeSurroundings(around);
});

async function decide(host, body) {
  const answer = await fetch(`${host.url}/__nexus/decide`, { method: "POST", body });
  assert.equal(answer.status, 200, host.name);
  return (await answer.text()).trimEnd().split("\n");
}

it(`decides ${CONTEXTS} random contexts alike`, async () => {
  const seen = { assigned: 0, units: 0, devices: new Set(), deployments: new Set(), distinct: new Set() };
  for (let done = 0; done < CONTEXTS; done += BATCH) {
    const lines = Array.from({ length: Math.min(BATCH, CONTEXTS - done) }, () => JSON.stringify(context()));
    const [worker, native] = await Promise.all(hosts.map((host) => decide(host, lines.join("\n"))));
    assert.equal(worker.length, lines.length);
    for (const [index, line] of lines.entries()) assert.equal(worker[index], native[index], line);
    for (const line of native) {
      const { unit, device, decision, problem } = JSON.parse(line);
      assert.equal(problem, undefined);
      const { assignments, deployment } = JSON.parse(decision);
      seen.assigned += Object.keys(assignments).length > 0 ? 1 : 0;
      seen.units += unit ? 1 : 0;
      seen.devices.add(device);
      seen.deployments.add(deployment);
      seen.distinct.add(JSON.stringify(assignments));
    }
  }
  // The contexts must be worth comparing.
  assert.ok(seen.assigned > CONTEXTS * 0.5 && seen.units < CONTEXTS && seen.distinct.size > CONTEXTS / 20, JSON.stringify({ ...seen, distinct: seen.distinct.size }));
  assert.equal(seen.devices.size, 5);
  assert.deepEqual([...seen.deployments].sort(), ["canary", "dead", "stable"]);
});
