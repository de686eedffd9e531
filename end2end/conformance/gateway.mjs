// Starts the built gateway on a free port with a snapshot in a file.
import { spawn } from 'node:child_process';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const TARGET = process.env.CARGO_TARGET_DIR ?? new URL('../../target', import.meta.url).pathname;
const BINARY = process.env.NEXUS_GATEWAY_BIN ?? join(TARGET, 'debug', 'nexus-gateway');

export const CLIENT = 'nxc_client';
export const SECRET = 'nxc_encrypted';
export const SERVER = 'nxs_server';
export const ENCRYPTION_KEY = Buffer.from('sixteen bytes ok').toString('base64');

/** Polls until the promise gives something true; fails after 20 s. */
export async function until(what, condition) {
  for (let tries = 0; tries < 400; tries += 1) {
    const value = await condition();
    if (value) return value;
    await pause(50);
  }
  throw new Error(`never happened: ${what}`);
}

/** `{url, publish(snapshot), decide(lines), stop()}` of a running gateway; `more` is set beside. */
export async function startGateway(more = {}) {
  const keys = generateKeyPairSync('ed25519');
  const folder = await mkdtemp(join(tmpdir(), 'nexus-gateway-'));
  const file = join(folder, 'snapshot.json');
  const child = spawn(BINARY, [], {
    cwd: folder,
    env: {
      NEXUS_GATEWAY_LISTEN: '127.0.0.1:0',
      NEXUS_ENVIRONMENT: 'staging',
      NEXUS_ORIGINS: 'stable=http://127.0.0.1:1',
      NEXUS_SNAPSHOT_FILE: file,
      NEXUS_SNAPSHOT_KEYS: `k1:${keys.publicKey.export({ format: 'jwk' }).x}`,
      NEXUS_POLL_MS: '50',
      NEXUS_TEST_DECIDE: '1',
      NO_COLOR: '1',
      ...more,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const url = await new Promise((resolve, reject) => {
    let log = '';
    child.once('error', reject);
    child.stderr.on('data', (chunk) => {
      log += chunk;
      const address = /the gateway serves.*address=([0-9.:]+)/.exec(log)?.[1];
      if (address) resolve(`http://${address}`);
    });
    exited.then(() => reject(new Error(`${BINARY} ended before it was ready:\n${log}`)));
  });
  const publish = async (snapshot) => {
    const payload = JSON.stringify(snapshot);
    const signature = sign(null, Buffer.from(`nexus-snapshot-v1\0${payload}`), keys.privateKey);
    const envelope = { payload, key_id: 'k1', signature: signature.toString('base64url') };
    await writeFile(`${file}.new`, JSON.stringify(envelope));
    await rename(`${file}.new`, file);
    const status = async () => (await (await fetch(`${url}/__nexus/status`)).json()).version;
    await until(`version ${snapshot.version}`, async () => (await status()) === snapshot.version);
  };
  const decide = async (lines) => {
    const body = lines.map((line) => JSON.stringify(line)).join('\n');
    const answer = await fetch(`${url}/__nexus/decide`, { method: 'POST', body });
    return (await answer.text()).trimEnd().split('\n').map((line) => JSON.parse(JSON.parse(line).decision));
  };
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(folder, { recursive: true, force: true });
  };
  return { url, publish, decide, stop };
}

/** Every seventh of the 10,000 people. */
const staff = () => people(10_000).filter((_, n) => n % 7 === 0).map(({ id }) => id);

/** Three experiments that share a feature, a holdout that two of them leave out, flags by every
 * kind of rule, and the lists that conditions name. */
export function snapshot(version) {
  const key = (id, kind, text, more) => ({
    id, kind, sha256: createHash('sha256').update(text).digest('hex'), ...more,
  });
  const experiment = (id, more) => ({
    id,
    seed: id,
    coverage_bp: 10_000,
    variants: [
      { key: 'control', weight_bp: 5_000, features: { [`${id}-text`]: 'old' } },
      { key: 'treatment', weight_bp: 5_000, features: { [`${id}-text`]: 'new', shared: id } },
    ],
    ...more,
  });
  const held = { seed: 'holdout:all', from_bp: 1_000, to_bp: 10_000 };
  const rule = (value, targeting, more) => ({ value, targeting, coverage_bp: 10_000, seed: 's', ...more });
  const attribute = (name, operator, ...values) => ({ attributes: [{ name, operator, values }] });
  return {
    version,
    environment: 'staging',
    created_ms: 1_700_000_000_000 + version,
    experiments: [
      experiment('checkout', { coverage_bp: 8_000, targeting: { countries: ['JP', 'DE'] }, slices: [held] }),
      // As the console writes a holdout: two parts that set nothing.
      {
        id: 'holdout:all',
        seed: 'holdout:all',
        coverage_bp: 10_000,
        variants: [{ key: 'held-out', weight_bp: 1_000 }, { key: 'others', weight_bp: 9_000 }],
      },
      experiment('needy', {
        targeting: { condition: { id: { $notInGroup: 'staff' } } },
        prerequisites: [{ flag: 'grouped', operator: 'is_not', value: 'paying' }],
      }),
      experiment('search', {
        slices: [{ seed: 'layer', from_bp: 0, to_bp: 7_000 }, held],
        targeting: attribute('plan', 'is_not', 'free'),
      }),
    ],
    flags: [
      { key: 'version', value: version },
      { key: 'constant', value: { a: [1, 2.5], b: 'x' } },
      { key: 'share', value: false, rules: [rule(true, {}, { coverage_bp: 3_000, seed: 'share' })] },
      { key: 'shared', value: 'flag' },
      {
        key: 'rules',
        value: 'off',
        rules: [
          rule('phone', { devices: ['mobile'], ...attribute('plan', 'starts_with', 'p') }),
          rule('adult', { condition: { age: { $gte: 18 }, $or: [{ country: 'JP' }, { plan: { $in: ['pro', 'max'] } }] } }),
          rule('part', attribute('email', 'ends_with', '@example.com'), { coverage_bp: 5_000, seed: 'part' }),
        ],
      },
      {
        key: 'grouped',
        value: 'off',
        rules: [
          rule('staff', { condition: { id: { $inGroup: 'staff' } } }),
          rule('paying', { condition: { plan: { $inGroup: 'paying' } } }, { coverage_bp: 9_000, seed: 'paying' }),
        ],
      },
      {
        key: 'needs',
        value: false,
        rules: [rule(true, {}, { prerequisites: [{ flag: 'rules', operator: 'is', value: 'adult' }] })],
      },
      {
        key: 'ramped',
        value: false,
        // A step that has begun and one that is far.
        rules: [rule(true, {}, { seed: 'ramped', ramp: [{ from_ms: 1_700_000_000_000, coverage_bp: 4_000 }, { from_ms: 4_000_000_000_000, coverage_bp: 7_000 }] })],
      },
    ],
    saved_groups: { staff: staff(), paying: ['pro', 'max'] },
    sdk_keys: [
      key('web', 'client', CLIENT, { origins: ['https://shop.example'] }),
      key('app', 'client', SECRET, { encryption_key: ENCRYPTION_KEY }),
      key('api', 'server', SERVER),
    ],
  };
}

/** The same `count` people every time. */
export function people(count) {
  let state = 42;
  const random = (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const one = (...values) => values[random(values.length)];
  return Array.from({ length: count }, (_, n) => ({
    id: `user-${n}-${random(1_000)}`,
    country: one(undefined, 'JP', 'DE', 'US'),
    device: one('desktop', 'mobile', 'tablet'),
    plan: one(undefined, 'free', 'pro', 'plus', 'max'),
    age: one(undefined, 5, 17, 18, 18.5, 90),
    email: one(undefined, 'a@example.com', 'b@example.org'),
  }));
}

const AGENTS = {
  desktop: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  mobile: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Mobile/15E148',
  tablet: 'Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15',
};

/** As a browser asks: attributes are texts in headers. */
export function line({ id, country, device, ...attributes }) {
  const told = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const headers = told.map(([name, value]) => [`x-nexus-attr-${name}`, String(value)]);
  return { headers: [['x-nexus-user', id], ['user-agent', AGENTS[device]], ...headers], country, now_ms: Date.now() };
}
