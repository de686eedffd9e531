// A console and a gateway that follows it through Workers KV say the same, to the byte.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startConsole } from './console.mjs';
import { people, startGateway, until } from './gateway.mjs';
import { fill } from './hosts.mjs';
import { ACCOUNT_ID, TOKEN, startSandbox } from './sandbox.mjs';

describe('console and gateway', () => {
  let sandbox;
  let console;
  let gateway;
  let filled;
  before(async () => {
    sandbox = await startSandbox();
    const cloudflare = {
      CLOUDFLARE_API_BASE_URL: `${sandbox.url}/client/v4`,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID,
    };
    console = await startConsole(cloudflare);
    filled = await fill(console);
    gateway = await startGateway({
      ...cloudflare,
      NEXUS_SNAPSHOT_FILE: undefined,
      NEXUS_SNAPSHOT_KEYS: await console.snapshotKey(),
    });
    await until('the gateway has the newest snapshot', async () => (await version(`${gateway.url}/__nexus`)) === (await version(console.url)));
  });
  after(async () => {
    await gateway?.stop();
    await console?.stop();
    await sandbox?.stop();
  });

  const evaluate = (base, context, { flag = '', ...headers } = {}) => fetch(`${base}/ofrep/v1/evaluate/flags${flag}`, {
    method: 'POST',
    headers: { 'x-api-key': filled.keys.server, ...headers },
    body: JSON.stringify({ context }),
  });
  const version = async (base) => {
    const answer = await evaluate(base, { targetingKey: 'u' });
    return answer.ok && (await answer.json()).metadata.version;
  };
  const told = async (answer) => [
    answer.status,
    ...['content-type', 'etag', 'cache-control', 'access-control-allow-origin'].map((name) => answer.headers.get(name)),
    // The console also compresses.
    answer.headers.get('vary')?.replace(', accept-encoding', ''),
    (await answer.text()).replace('/__nexus/ofrep/', '/ofrep/'),
  ];
  const same = async (ask) => {
    const [here, there] = await Promise.all([ask(console.url), ask(`${gateway.url}/__nexus`)].map(async (answer) => told(await answer)));
    assert.deepEqual(here, there);
    return here;
  };

  test('evaluate the same for everybody', async () => {
    for (const { id, ...attributes } of people(200)) {
      const context = { targetingKey: id, ...attributes };
      const [status, , etag] = await same((base) => evaluate(base, context));
      assert.equal(status, 200);
      const [again] = await same((base) => evaluate(base, context, { 'if-none-match': etag }));
      assert.equal(again, 304);
      for (const flag of ['/rules', '/checkout', '/shared']) await same((base) => evaluate(base, context, { flag }));
    }
  });

  test('give the same payload, also encrypted', async () => {
    for (const key of [filled.keys.client, filled.keys.secret, filled.keys.server]) {
      const [status] = await same((base) => fetch(`${base}/api/features/${key}`));
      assert.equal(status, 200);
    }
  });

  test('refuse the same in the same words', async () => {
    const wrong = [
      [401, {}, { 'x-api-key': 'none' }],
      [404, { targetingKey: 'u' }, { flag: '/nowhere' }],
      [400, {}, {}],
      [400, { targetingKey: 'u'.repeat(129) }, {}],
      [413, { targetingKey: 'u', long: 'x'.repeat(70_000) }, {}],
      [403, { targetingKey: 'u' }, { origin: 'https://shop.example' }],
      [403, { targetingKey: 'u' }, { origin: 'https://evil.example', 'x-api-key': filled.keys.client }],
    ];
    for (const [expected, context, headers] of wrong) {
      const [status] = await same((base) => evaluate(base, context, headers));
      assert.equal(status, expected);
    }
  });

  test('let the same pages ask', async () => {
    const headers = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
    const granted = async (base) => {
      const answer = await fetch(`${base}/ofrep/v1/evaluate/flags`, { method: 'OPTIONS', headers });
      return [answer.status, ...[...answer.headers].filter(([name]) => name.startsWith('access-control'))];
    };
    const [here, there] = await Promise.all([granted(console.url), granted(`${gateway.url}/__nexus`)]);
    assert.deepEqual(here, there);
    assert.ok(here.length > 4, here.join());
  });
});
