// Runs a real wrangler in a home and a project of its own, against one API.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCOUNT_ID, TOKEN } from './sandbox.mjs';

const MODULES = new URL('./node_modules/', import.meta.url).pathname;
const LIMIT_MS = 300_000;

// Current wrangler wants Node 22.12 or later, which an npm package brings.
const BROUGHT = join(MODULES, `node-${process.platform}-${process.arch}`, 'bin', 'node');
const NODE = existsSync(BROUGHT) ? BROUGHT : process.execPath;

/** The versions under test: the package's folder name. */
export const WRANGLERS = ['wrangler', 'wrangler-4-20'];

export async function wranglerVersion(name) {
  return JSON.parse(await readFile(join(MODULES, name, 'package.json'), 'utf8')).version;
}

/** `run(...args)` gives `{code, out}`; `dir` is the project; `remove()` cleans up. */
export async function wrangler(name, api, extra = {}) {
  const root = await mkdtemp(join(tmpdir(), `${name}-`));
  const dir = join(root, 'project');
  const home = join(root, 'home');
  await Promise.all([mkdir(dir), mkdir(home)]);
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    XDG_CONFIG_HOME: join(home, '.config'),
    CI: '1',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
    WRANGLER_SEND_METRICS: 'false',
    CLOUDFLARE_API_BASE_URL: api,
    CLOUDFLARE_API_TOKEN: TOKEN,
    CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID,
    ...extra,
  };
  const script = join(MODULES, name, 'bin', 'wrangler.js');
  const run = (...args) =>
    new Promise((resolve, reject) => {
      const options = { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS };
      const child = spawn(NODE, [script, ...args], options);
      const chunks = { out: [], err: [] };
      child.stdout.on('data', (chunk) => chunks.out.push(chunk));
      child.stderr.on('data', (chunk) => chunks.err.push(chunk));
      child.once('error', reject);
      child.once('close', (code) => {
        const out = Buffer.concat(chunks.out);
        const text = `${out}${Buffer.concat(chunks.err)}`.replace(/\u001b\[[0-9;]*m/g, '');
        resolve({ code, out, text });
      });
    });
  return { run, dir, remove: () => rm(root, { recursive: true, force: true }) };
}
