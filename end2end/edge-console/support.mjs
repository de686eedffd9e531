// The console Worker on workerd with D1 and its static files, in front of it the sandbox:
// Access, and Cloudflare's API for the snapshots.

import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Miniflare } from "miniflare";

export const OWNER = "owner@demo.nexus";
const API_TOKEN = "nexus-sandbox-token";
const ACCOUNT = "00000000000000000000000000005a4d";
const NAMESPACE = "nexus-config";
const COMPATIBILITY_DATE = "2026-03-01";
/** The sandbox's AUD tags: SHA-256 of the applications' names. */
const AUDIENCE = "c2076f05357b84f844f5fc5253c71d1ee08e4ebb1935f91fd10c51ade313eacb";
const STEP_UP_AUDIENCE = "25d18a02803534ee95f138d834d4f21c9d4370ae84f57a9af388d0b72b768838";

export function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; \`cargo xtask test\` sets it`);
  return value;
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

/** Ports nobody listens on: sandbox and Worker have to know each other before they start. */
async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise((ready) => server.listen(0, "127.0.0.1", ready))));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** What `wrangler d1 migrations apply` does with the project's migrations. */
export async function migrate(database) {
  const folder = fileURLToPath(new URL("../../migrations/", import.meta.url));
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  for (const file of files) {
    const text = (await readFile(join(folder, file), "utf8")).replace(/--.*$/gm, "");
    const statements = text.split(";").map((part) => part.trim()).filter(Boolean);
    await database.batch(statements.map((statement) => database.prepare(statement)));
  }
}

/** The two modules of a Worker that `cargo xtask build` wrote. */
export async function workerModules(folder) {
  return [
    { type: "ESModule", path: "index.js", contents: await readFile(join(folder, "index.js"), "utf8") },
    { type: "CompiledWasm", path: "index_bg.wasm", contents: await readFile(join(folder, "index_bg.wasm")) },
  ];
}

async function startSandbox(api, access, console_) {
  const data = await mkdtemp(join(tmpdir(), "nexus-edge-console-"));
  const flags = [
    "--api-listen", `127.0.0.1:${api}`, "--access-listen", `127.0.0.1:${access}`,
    "--console-url", `http://127.0.0.1:${console_}`, "--data-dir", data,
    "--token", API_TOKEN, "--account-id", ACCOUNT, "--user-email", OWNER,
  ];
  const child = spawn(required("NEXUS_SANDBOX_BIN"), flags, { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (chunk) => (log += chunk));
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const url = `http://127.0.0.1:${access}`;
  await until("the sandbox's Access", async () => {
    if (child.exitCode !== null) throw new Error(`the sandbox ended:\n${log}`);
    return fetch(`${url}/cdn-cgi/access/certs`).then((answer) => answer.ok, () => false);
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await exited;
    await rm(data, { recursive: true, force: true });
  };
  return { url, stop };
}

/** The Worker behind Access: `url` is the address people open, `direct` the Worker's own. */
export async function start() {
  const [api, access, port] = await freePorts(3);
  const sandbox = await startSandbox(api, access, port);
  const kv = `http://127.0.0.1:${api}/client/v4`;
  const seed = () => randomBytes(32).toString("base64");
  const miniflare = new Miniflare({
    name: "console",
    modules: await workerModules(required("NEXUS_EDGE_CONSOLE_DIR")),
    compatibilityDate: COMPATIBILITY_DATE,
    d1Databases: { DB: "nexus-console" },
    assets: {
      directory: required("NEXUS_EDGE_CONSOLE_PUBLIC_DIR"),
      binding: "ASSETS",
      routerConfig: { has_user_worker: true },
      assetConfig: { html_handling: "none", not_found_handling: "none" },
    },
    bindings: {
      NEXUS_PUBLIC_URL: sandbox.url,
      NEXUS_OWNER_EMAIL: OWNER,
      NEXUS_ENVIRONMENT: "production",
      NEXUS_ACCESS_ISSUER: sandbox.url,
      NEXUS_ACCESS_AUDIENCE: AUDIENCE,
      NEXUS_ACCESS_STEP_UP_AUDIENCE: STEP_UP_AUDIENCE,
      NEXUS_SNAPSHOT_SEED: seed(),
      NEXUS_CHECKPOINT_SEED: seed(),
      NEXUS_TICKET_SEED: seed(),
      CLOUDFLARE_API_BASE_URL: kv,
      CLOUDFLARE_API_TOKEN: API_TOKEN,
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT,
      NEXUS_KV_NAMESPACE: NAMESPACE,
    },
    host: "127.0.0.1",
    port,
    cf: {},
  });
  await miniflare.ready;
  await migrate(await miniflare.getD1Database("DB"));
  const stop = async () => {
    await miniflare.dispose();
    await sandbox.stop();
  };
  return { url: sandbox.url, direct: `http://127.0.0.1:${port}`, miniflare, kv, stop };
}

/** A session at the sandbox's Access: the assertion it puts on requests, and the cookie. */
export async function signIn(host, email = OWNER) {
  const answer = await fetch(`${host.url}/__sandbox/access/sign-in`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-nexus-sandbox": "1" },
    body: JSON.stringify({ email }),
  });
  if (!answer.ok) throw new Error(`sign-in of ${email}: ${answer.status} ${await answer.text()}`);
  const cookie = answer.headers.getSetCookie()[0].split(";")[0];
  return { assertion: (await answer.json()).token, cookie };
}

/** The snapshot that gateways would fetch, from the sandbox's KV. */
export async function published(host, environment = "production") {
  const headers = { authorization: `Bearer ${API_TOKEN}` };
  const namespaces = `${host.kv}/accounts/${ACCOUNT}/storage/kv/namespaces`;
  const { result } = await (await fetch(namespaces, { headers })).json();
  const id = result.find((namespace) => namespace.title === NAMESPACE)?.id;
  if (!id) return undefined;
  const answer = await fetch(`${namespaces}/${id}/values/${encodeURIComponent(`snapshot:${environment}`)}`, { headers });
  return answer.ok ? JSON.parse((await answer.json()).payload) : undefined;
}
