// Starts the built console on a free port, with data of its own and, unless told otherwise,
// Cloudflare out of reach.
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const TARGET = process.env.CARGO_TARGET_DIR ?? new URL('../../target', import.meta.url).pathname;
const BINARY = process.env.NEXUS_ADMIN_BIN ?? join(TARGET, 'debug', 'nexus-admin');

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** `{url, folder, token(scopes), snapshotKey(), stop()}` of a running console; `more` is set beside. */
export async function startConsole(more = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-console-'));
  const site = join(folder, 'site');
  await mkdir(site);
  await writeFile(join(site, 'manifest.json'), '{}');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    USER: 'ada',
    NEXUS_DATA_DIR: join(folder, 'data'),
    NEXUS_ASSETS_DIR: site,
    NEXUS_LISTEN: `127.0.0.1:${port}`,
    NEXUS_PUBLIC_URL: url,
    CLOUDFLARE_API_BASE_URL: 'http://127.0.0.1:9/client/v4',
    CLOUDFLARE_API_TOKEN: 'none',
    // Nobody signs in: programs come with tokens.
    NEXUS_ACCESS_ISSUER: 'http://127.0.0.1:9',
    NEXUS_ACCESS_AUDIENCE: 'a'.repeat(64),
    NEXUS_ACCESS_STEP_UP_AUDIENCE: 'b'.repeat(64),
    NO_COLOR: '1',
    ...more,
  };
  const child = spawn(BINARY, ['serve'], { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  await new Promise((resolve, reject) => {
    let log = '';
    child.once('error', reject);
    child.stderr.on('data', (chunk) => {
      log += chunk;
      if (log.includes('console is up')) resolve();
    });
    exited.then(() => reject(new Error(`${BINARY} ended before it was ready:\n${log}`)));
  });
  const run = async (...args) => {
    const { stdout } = await promisify(execFile)(BINARY, args, { cwd: folder, env });
    return stdout.trim();
  };
  return {
    url,
    folder,
    token: (scopes) => run('token', 'create', '--name', 'test', '--print', ...scopes.flatMap((scope) => ['--scope', scope])),
    snapshotKey: () => run('keys', 'show'),
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
