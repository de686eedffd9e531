// Starts the built sandbox on a free port with a directory of its own, or uses
// the one that NEXUS_SANDBOX_URL names.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const TARGET = process.env.CARGO_TARGET_DIR ?? new URL('../../target', import.meta.url).pathname;
const BUILT = join(TARGET, 'debug', 'nexus-sandbox');

export const ACCOUNT_ID = process.env.NEXUS_SANDBOX_ACCOUNT ?? '0a1b2c3d4e5f60718293a4b5c6d7e8f9';
export const TOKEN = process.env.NEXUS_SANDBOX_TOKEN ?? 'sandbox-api-token-for-loopback-only';

/** `{url, log(), fault(rule), stop()}` of a running sandbox. */
export async function startSandbox() {
  const given = process.env.NEXUS_SANDBOX_URL;
  if (given) return handle(given.replace(/\/$/, ''), async () => {});
  const data = await mkdtemp(join(tmpdir(), 'nexus-conformance-'));
  const binary = process.env.NEXUS_SANDBOX_BIN ?? BUILT;
  const args = ['--listen', '127.0.0.1:0', '--data-dir', data, '--token', TOKEN, '--account-id', ACCOUNT_ID];
  // A directory without another sandbox's files, so that nothing else is picked up.
  const child = spawn(binary, args, { cwd: data, stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${binary} ended with ${code} before it was ready`)));
    createInterface(child.stdout).on('line', (line) => {
      const [name, address] = line.split(' ');
      if (name === 'api') resolve(address);
    });
  });
  return handle(url, async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(data, { recursive: true, force: true });
  });
}

function handle(url, stop) {
  const api = `${url}/client/v4`;
  return {
    url,
    api,
    stop,
    /** The requests since the last call, as `METHOD path status` with the ids masked. */
    async transcript() {
      const entries = await (await fetch(`${url}/__sandbox/log`)).json();
      await fetch(`${url}/__sandbox/log`, { method: 'DELETE' });
      return entries.map(({ method, path, query, status }) => {
        const full = path.replace('/client/v4', '') + (query ? `?${query}` : '');
        return `${method} ${mask(full)} ${status}`;
      });
    },
    async fault(rule) {
      const reply = await fetch(`${url}/__sandbox/faults`, { method: 'POST', body: JSON.stringify(rule) });
      if (reply.status !== 201) throw new Error(await reply.text());
    },
    async clearFaults() {
      await fetch(`${url}/__sandbox/faults`, { method: 'DELETE' });
    },
  };
}

function mask(path) {
  return path
    .replaceAll(ACCOUNT_ID, 'A')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replace(/\b[0-9a-f]{32}\b/g, 'ID');
}
