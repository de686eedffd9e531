// The surroundings of a gateway under test: origins, a KV behind Cloudflare's API, the
// console's ingest; and the two hosts themselves.

import { spawn } from "node:child_process";
import { generateKeyPairSync, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Miniflare } from "miniflare";

export const ENVIRONMENT = "staging";
const STATUS_TOKEN = "status-token";
const COMPATIBILITY_DATE = "2026-03-01";

const keys = generateKeyPairSync("ed25519");
export const TRUSTED_KEY = `k1:${keys.publicKey.export({ format: "jwk" }).x}`;

/** The signed envelope of a snapshot, as the console publishes it. */
export function envelope(snapshot, key = keys.privateKey) {
  const payload = JSON.stringify(snapshot);
  const signature = sign(null, Buffer.from(`nexus-snapshot-v1\0${payload}`), key);
  return JSON.stringify({ payload, key_id: "k1", signature: signature.toString("base64url") });
}

/** An envelope that somebody else signed. */
export function forged(snapshot) {
  return envelope(snapshot, generateKeyPairSync("ed25519").privateKey);
}

/** The text of a tester's link in the snapshot, as the console signs it (`crates/flags/src/qa.rs`). */
export function linkText({ id, expires_ms, ...forces }, key = keys.privateKey) {
  const [feature, value] = forces.forces === "variant"
    ? [`experiment:${forces.experiment}`, forces.variant.key]
    : [`flag:${forces.flag}`, JSON.stringify(forces.value)];
  const claim = { e: ENVIRONMENT, l: id, f: feature, v: value, x: expires_ms };
  const text = Buffer.from(JSON.stringify(claim)).toString("base64url");
  return `${text}.${sign(null, Buffer.from(`nexus-qa-v1\0${text}`), key).toString("base64url")}`;
}

/** The text as somebody else signs it. */
export function forgedLink(link) {
  return linkText(link, generateKeyPairSync("ed25519").privateKey);
}

/** Polls until the promise gives something true; fails after 20 s. */
export async function until(what, condition) {
  for (let tries = 0; tries < 400; tries++) {
    const value = await condition();
    if (value) return value;
    await pause(50);
  }
  throw new Error(`never happened: ${what}`);
}

/** A server on a free port: `{ url, authority, close }`. */
export async function serve(handler) {
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const authority = `127.0.0.1:${server.address().port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://${authority}`, authority, close };
}

async function text(request) {
  let body = "";
  for await (const chunk of request) body += chunk;
  return body;
}

/**
 * An origin that answers with what it got; `/stream` sends when `release()` is called,
 * `/hang` answers 500 when `giveUp()` is.
 */
export async function echoOrigin(name) {
  const streams = [];
  const hanging = [];
  const server = await serve(async (request, response) => {
    if (request.url === "/stream") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: 0\n\n");
      streams.push(response);
      return;
    }
    if (request.url === "/hang") return void hanging.push(response);
    const echo = { origin: name, method: request.method, target: request.url, headers: request.headers, body: await text(request) };
    const headers = { "content-type": "application/json", connection: "keep-alive, x-secret-hop", "x-secret-hop": "1", "x-origin": name };
    const status = Number(request.headers["x-want-status"] ?? 200);
    response.writeHead(status, headers);
    response.end(status === 204 ? undefined : JSON.stringify(echo));
  });
  const release = (data) => streams.forEach((response) => response.write(`data: ${data}\n\n`));
  const giveUp = () => hanging.splice(0).forEach((response) => response.writeHead(500).end());
  return { ...server, release, giveUp };
}

/** What stands in for the console's ingest. */
export async function ingest() {
  const state = { batches: [], status: 200, lostReplies: 0, hangs: 0, mostEvents: 1000 };
  const server = await serve(async (request, response) => {
    const body = await text(request);
    const authorised = request.headers.authorization === "Bearer ingest-token";
    const status = authorised ? state.status : 401;
    response.setHeader("content-type", "application/json");
    if (status !== 200) return response.writeHead(status).end("{}");
    const batch = JSON.parse(body);
    if (batch.events.length > 0 && state.hangs > 0) return void (state.hangs -= 1);
    if (batch.events.length > state.mostEvents) return response.writeHead(413).end("{}");
    state.batches.push(batch);
    if (batch.events.length > 0 && state.lostReplies-- > 0) return response.writeHead(502).end("{}");
    response.end(JSON.stringify({ accepted: batch.events.length, duplicate: 0, rejected: [] }));
  });
  const events = () => state.batches.flatMap((batch) => batch.events);
  return { ...server, state, events };
}

function variables(name, surroundings) {
  const { stable, canary, dead, console } = surroundings;
  return {
    NEXUS_GATEWAY_ID: name,
    NEXUS_ENVIRONMENT: ENVIRONMENT,
    NEXUS_ORIGINS: `stable=${stable.url},canary=${canary.url},dead=${dead}`,
    NEXUS_SNAPSHOT_KEYS: TRUSTED_KEY,
    NEXUS_INGEST_URL: `${console.url}/api/v1/ingest`,
    NEXUS_INGEST_TOKEN: "ingest-token",
    NEXUS_EVENTS_ORIGINS: "https://shop.example",
    NEXUS_STATUS_TOKEN: STATUS_TOKEN,
    NEXUS_TEST_DECIDE: "1",
  };
}

/** Both origins, a dead one, and the console; shared by the hosts. */
export async function surroundings() {
  const gone = await serve(() => {});
  await gone.close();
  return {
    stable: await echoOrigin("stable"),
    canary: await echoOrigin("canary"),
    dead: gone.url,
    console: await ingest(),
  };
}

export async function closeSurroundings({ stable, canary, console }) {
  await Promise.all([stable, canary, console].map((server) => server.close()));
}

export function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; \`cargo xtask test\` sets it`);
  return value;
}

/** The two modules of a Worker that `cargo xtask build` wrote, by default the gateway's. */
export async function workerModules(folder = required("NEXUS_EDGE_GATEWAY_DIR")) {
  const module = async (type, path) => ({ type, path, contents: await readFile(join(folder, path)) });
  const script = await module("ESModule", "index.js");
  return [{ ...script, contents: script.contents.toString() }, await module("CompiledWasm", "index_bg.wasm")];
}

/** The Worker on workerd. */
export async function startWorker(around, more = {}) {
  const { bindings = {}, ...rest } = more;
  const miniflare = new Miniflare({
    workers: [
      {
        name: "gateway",
        modules: await workerModules(),
        compatibilityDate: COMPATIBILITY_DATE,
        bindings: { ...variables("worker", around), NEXUS_TRUST_HEADERS: "1", ...bindings },
        kvNamespaces: { NEXUS_CONFIG: "nexus-config" },
        ...rest.worker,
      },
      ...(rest.others ?? []),
    ],
    host: "127.0.0.1",
    port: 0,
    cf: rest.cf ?? {},
  });
  const url = (await miniflare.ready).origin;
  const kv = await miniflare.getKVNamespace("NEXUS_CONFIG", "gateway");
  const put = (value) => kv.put(`snapshot:${ENVIRONMENT}`, value);
  // Runs for a minute, so nobody waits for its end; stopping cuts it off.
  const tick = async () => {
    const worker = await miniflare.getWorker("gateway");
    worker.scheduled({ cron: "* * * * *" }).catch(() => {});
  };
  return { name: "Worker", url, put, tick, stop: () => miniflare.dispose() };
}

/** The native gateway, with a KV of its own behind Cloudflare's API. */
export async function startNative(around) {
  const binary = required("NEXUS_GATEWAY_BIN");
  let value;
  const namespaces = "/client/v4/accounts/acc/storage/kv/namespaces";
  const api = await serve((request, response) => {
    if (request.headers.authorization !== "Bearer kv-token") return response.writeHead(403).end();
    const { pathname } = new URL(request.url, "http://x");
    if (pathname === namespaces) {
      return response.end(JSON.stringify({ success: true, result: [{ id: "ns1", title: "nexus-config" }] }));
    }
    const wanted = decodeURIComponent(pathname) === `${namespaces}/ns1/values/snapshot:${ENVIRONMENT}`;
    if (wanted && value !== undefined) return response.end(value);
    response.writeHead(404).end(JSON.stringify({ success: false, errors: [{ code: 10009, message: "get: 'key not found'" }] }));
  });
  const child = spawn(binary, [], {
    env: {
      ...variables("native", around),
      NEXUS_GATEWAY_LISTEN: "127.0.0.1:0",
      CLOUDFLARE_API_BASE_URL: `${api.url}/client/v4`,
      CLOUDFLARE_API_TOKEN: "kv-token",
      CLOUDFLARE_ACCOUNT_ID: "acc",
      NEXUS_POLL_MS: "100",
      NO_COLOR: "1",
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const url = await new Promise((resolve, reject) => {
    let log = "";
    child.stderr.on("data", (chunk) => {
      log += chunk;
      const address = /the gateway serves.*address=([0-9.:]+)/.exec(log)?.[1];
      if (address) resolve(`http://${address}`);
    });
    exited.then(() => reject(new Error(`the gateway ended:\n${log}`)));
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
    await api.close();
  };
  return { name: "native", url, put: async (next) => void (value = next), stop };
}

/** Publishes a snapshot and waits until it is in force. */
export async function publish(host, snapshot) {
  await host.put(envelope(snapshot));
  await until(`version ${snapshot.version}`, async () => (await publicStatus(host)).version === snapshot.version);
}

/** What everybody may know. */
export async function publicStatus(host) {
  return (await fetch(`${host.url}/__nexus/status`)).json();
}

/** What those know who run it. */
export async function status(host) {
  const headers = { authorization: `Bearer ${STATUS_TOKEN}` };
  return (await fetch(`${host.url}/__nexus/status`, { headers })).json();
}

/** One experiment, half and half; the treatment runs on `deployment`. */
export function halfAndHalf(version, deployment = "canary") {
  const variants = [
    { key: "control", weight_bp: 5000, features: { button: "Buy" } },
    { key: "treatment", weight_bp: 5000, features: { button: "今すぐ" }, deployment },
  ];
  return {
    version,
    environment: ENVIRONMENT,
    created_ms: 1_700_000_000_000,
    experiments: [{ id: "checkout", seed: "checkout", coverage_bp: 10_000, variants }],
  };
}
