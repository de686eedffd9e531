// The official SDK against the sandbox.
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import Cloudflare from 'cloudflare';
import { ACCOUNT_ID, TOKEN, startSandbox } from './sandbox.mjs';

const account_id = ACCOUNT_ID;

describe('the official SDK', () => {
  let sandbox;
  let client;
  before(async () => {
    sandbox = await startSandbox();
    client = new Cloudflare({ apiToken: TOKEN, baseURL: sandbox.api, maxRetries: 0 });
  });
  after(() => sandbox?.stop());
  beforeEach(() => sandbox.clearFaults());

  const collect = async (list) => {
    const items = [];
    for await (const item of list) items.push(item);
    return items;
  };
  const refused = async (promise, status, code) => {
    await assert.rejects(promise, (error) => {
      assert.equal(error.status, status, String(error));
      assert.equal(error.errors[0].code, code);
      return true;
    });
  };

  test('who am I', async () => {
    assert.equal((await client.user.tokens.verify()).status, 'active');
    assert.equal((await client.user.get()).email, 'owner@example.com');
    const accounts = await collect(client.accounts.list());
    assert.deepEqual(accounts.map((a) => a.id), [account_id]);
    assert.equal((await client.accounts.get({ account_id })).name, 'Sandbox');
    const memberships = await collect(client.memberships.list());
    assert.equal(memberships[0].account.id, account_id);
  });

  test('a bad token is refused', async () => {
    const bad = new Cloudflare({ apiToken: 'bad', baseURL: sandbox.api, maxRetries: 0 });
    await refused(bad.kv.namespaces.list({ account_id }), 403, 10000);
    await refused(bad.user.tokens.verify(), 401, 1000);
  });

  test('KV namespaces', async () => {
    const made = await client.kv.namespaces.create({ account_id, title: 'sdk' });
    assert.match(made.id, /^[0-9a-f]{32}$/);
    await refused(client.kv.namespaces.create({ account_id, title: 'sdk' }), 400, 10014);
    const renamed = await client.kv.namespaces.update(made.id, { account_id, title: 'sdk-2' });
    assert.equal(renamed.title, 'sdk-2');
    assert.equal((await client.kv.namespaces.get(made.id, { account_id })).title, 'sdk-2');
    for (let n = 0; n < 7; n += 1) await client.kv.namespaces.create({ account_id, title: `p${n}` });
    const paged = await collect(client.kv.namespaces.list({ account_id, per_page: 5 }));
    assert.equal(new Set(paged.map((n) => n.id)).size, 8);
    await client.kv.namespaces.delete(made.id, { account_id });
    await refused(client.kv.namespaces.get(made.id, { account_id }), 404, 10013);
  });

  test('KV values', async () => {
    const { id: namespace_id } = await client.kv.namespaces.create({ account_id, title: 'values' });
    const at = { account_id, namespace_id };
    const { values, keys, metadata } = client.kv.namespaces;
    await values.update('a/b ✓', { ...at, value: 'text', metadata: JSON.stringify({ v: 1 }), expiration_ttl: 3600 });
    const got = await values.get('a/b ✓', at);
    assert.equal(await got.text(), 'text');
    assert.ok(Number(got.headers.get('expiration')) > Date.now() / 1000);
    assert.deepEqual(await metadata.get('a/b ✓', at), { v: 1 });
    const bytes = new File([new Uint8Array([0, 255, 128])], 'value');
    await values.update('bytes', { ...at, value: bytes });
    const raw = new Uint8Array(await (await values.get('bytes', at)).arrayBuffer());
    assert.deepEqual([...raw], [0, 255, 128]);
    const names = (await collect(keys.list(namespace_id, { account_id }))).map((k) => k.name);
    assert.deepEqual(names, ['a/b ✓', 'bytes']);
    await values.delete('bytes', at);
    await refused(values.get('bytes', at), 404, 10009);
    await refused(values.update('x', { ...at, value: 'v', expiration_ttl: 1 }), 400, 10020);
  });

  test('KV in bulk, and a cursor over all keys', async () => {
    const { id } = await client.kv.namespaces.create({ account_id, title: 'bulk' });
    const { keys } = client.kv.namespaces;
    const body = Array.from({ length: 250 }, (_, n) => ({ key: `k${String(n).padStart(3, '0')}`, value: String(n) }));
    const put = await keys.bulkUpdate(id, { account_id, body });
    assert.equal(put.successful_key_count, 250);
    const listed = await collect(keys.list(id, { account_id, limit: 100 }));
    assert.deepEqual(listed.map((k) => k.name), body.map((p) => p.key));
    const got = await keys.bulkGet(id, { account_id, keys: ['k001', 'none'] });
    assert.deepEqual(got.values, { k001: '1', none: null });
    await keys.bulkDelete(id, { account_id, body: body.map((p) => p.key) });
    assert.deepEqual(await collect(keys.list(id, { account_id })), []);
  });

  test('D1', async () => {
    const { database } = client.d1;
    const made = await database.create({ account_id, name: 'sdk' });
    const { uuid } = made;
    assert.equal((await database.get(uuid, { account_id })).name, 'sdk');
    const all = await collect(database.list({ account_id, name: 'sdk', per_page: 1 }));
    assert.deepEqual(all.map((d) => d.uuid), [uuid]);
    const query = (body) => collect(database.query(uuid, { account_id, ...body }));
    await query({ sql: 'CREATE TABLE t (a INTEGER, b TEXT)' });
    const batch = [
      { sql: 'INSERT INTO t VALUES (?, ?)', params: ['1', 'x'] },
      { sql: 'INSERT INTO t VALUES (?, ?)', params: ['2', 'y'] },
    ];
    const inserted = await query({ batch });
    assert.deepEqual(inserted.map((r) => r.meta.changes), [1, 1]);
    const [rows] = await query({ sql: 'SELECT * FROM t ORDER BY a' });
    assert.deepEqual(rows.results, [{ a: 1, b: 'x' }, { a: 2, b: 'y' }]);
    const [raw] = await collect(database.raw(uuid, { account_id, sql: 'SELECT b, a FROM t' }));
    assert.deepEqual(raw.results, { columns: ['b', 'a'], rows: [['x', 1], ['y', 2]] });
    await refused(query({ sql: 'SELECT * FROM nowhere' }), 400, 7500);
    await database.delete(uuid, { account_id });
    await refused(database.get(uuid, { account_id }), 404, 7404);
  });

  test('its retries meet injected failures', async () => {
    const patient = new Cloudflare({ apiToken: TOKEN, baseURL: sandbox.api, maxRetries: 3 });
    await sandbox.fault({ path: '/client/v4/user', status: 429, retry_after_s: 0, remaining: 1 });
    await sandbox.fault({ path: '/client/v4/user', status: 503, remaining: 1 });
    await sandbox.fault({ path: '/client/v4/user', cut: true, remaining: 1 });
    assert.equal((await patient.user.get()).email, 'owner@example.com');
  });
});
