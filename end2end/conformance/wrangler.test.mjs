// The real wrangler, two versions, against the sandbox: exit codes, output and
// the requests it makes, which must be those recorded from Cloudflare's clients.
import assert from 'node:assert/strict';
import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { ACCOUNT_ID, TOKEN, startSandbox } from './sandbox.mjs';
import { WRANGLERS, wrangler, wranglerVersion } from './wrangler.mjs';

const MIGRATIONS = new URL('../../migrations/', import.meta.url).pathname;
const KV = '/accounts/A/storage/kv/namespaces';
const D1 = '/accounts/A/d1/database';

/** wrangler sends some parts of a command at once: compare without order. */
function assertRequests(actual, expected) {
  assert.deepEqual([...actual].sort(), [...expected].sort());
}

for (const name of WRANGLERS) {
  const current = name === 'wrangler';
  describe(`${name} ${await wranglerVersion(name)}`, () => {
    let sandbox;
    let cli;
    before(async () => {
      sandbox = await startSandbox();
      cli = await wrangler(name, sandbox.api);
    });
    after(async () => {
      await cli?.remove();
      await sandbox?.stop();
    });
    beforeEach(async () => {
      await sandbox.clearFaults();
      await sandbox.transcript();
    });

    const succeed = async (...args) => {
      const result = await cli.run(...args);
      assert.equal(result.code, 0, `wrangler ${args.join(' ')}\n${result.text}`);
      return result;
    };
    const json = async (...args) => JSON.parse((await succeed(...args)).out);
    /** What the API itself says, for checks: a wrangler takes seconds to start. */
    const api = async (method, path, body) => {
      const url = `${sandbox.api}/accounts/${ACCOUNT_ID}${path}`;
      const headers = { authorization: `Bearer ${TOKEN}` };
      const reply = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
      assert.equal(reply.status, 200, `${method} ${path}`);
      return (await reply.json()).result;
    };
    const namespace = async (title) => (await api('POST', '/storage/kv/namespaces', { title })).id;
    const database = async (name) => (await api('POST', '/d1/database', { name })).uuid;
    const count = async (uuid, table) => {
      const sql = `SELECT count(*) AS n FROM ${table}`;
      return (await api('POST', `/d1/database/${uuid}/query`, { sql }))[0].results[0].n;
    };
    const keysOf = async (id) => (await api('GET', `/storage/kv/namespaces/${id}/keys`)).map((k) => k.name);

    test('whoami', async () => {
      const { text } = await succeed('whoami');
      assert.match(text, /owner@example\.com/);
      assert.match(text, new RegExp(`Sandbox\\s*│\\s*${ACCOUNT_ID}`));
      const requests = await sandbox.transcript();
      assert.ok(requests.includes('GET /user 200'), requests.join('\n'));
      assert.ok(requests.some((r) => /^GET \/accounts(\?page=1)? 200$/.test(r)), requests.join('\n'));
    });

    test('whoami with a bad token fails', async () => {
      const bad = await wrangler(name, sandbox.api, { CLOUDFLARE_API_TOKEN: 'bad' });
      const { code, text } = await bad.run('whoami');
      await bad.remove();
      assert.notEqual(code, 0, text);
    });

    test('kv namespace create and list', async () => {
      const { text } = await succeed('kv', 'namespace', 'create', 'first');
      assert.match(text, /"id": "[0-9a-f]{32}"/);
      assertRequests(await sandbox.transcript(), [`POST ${KV} 200`]);
      const all = await json('kv', 'namespace', 'list');
      const first = all.find((n) => n.title === 'first');
      assert.ok(text.includes(first.id));
      assert.equal(first.supports_url_encoding, true);
      const listing = `GET ${KV}?per_page=1000&order=title&direction=asc`;
      const expected = current
        ? [`${listing} 200`, `${listing}&page=2 200`]
        : [`GET ${KV}?per_page=100&order=title&direction=asc&page=1 200`];
      assertRequests(await sandbox.transcript(), expected);
    });

    test('kv namespace create twice is refused', async () => {
      await namespace('twice');
      const { code, text } = await cli.run('kv', 'namespace', 'create', 'twice');
      assert.equal(code, 1);
      assert.match(text, /already exists/);
    });

    test('kv namespace list pages through more than a hundred', async () => {
      for (let n = 0; n < 120; n += 1) await namespace(`many-${n}`);
      const all = await json('kv', 'namespace', 'list');
      assert.equal(all.filter((n) => n.title.startsWith('many-')).length, 120);
    });

    test('kv key put, get, list, delete', async () => {
      const id = await namespace('keys');
      await sandbox.transcript();
      const on = ['--namespace-id', id, '--remote'];

      await succeed('kv', 'key', 'put', 'a/b c', 'välue', ...on);
      assertRequests(await sandbox.transcript(), [`PUT ${KV}/ID/values/a%2Fb%20c 200`]);
      await succeed('kv', 'key', 'put', 'with', 'x', ...on, '--metadata', '{"v":1}', '--ttl', '3600');
      assertRequests(await sandbox.transcript(), [`PUT ${KV}/ID/values/with?expiration_ttl=3600 200`]);
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, n) => n));
      await writeFile(join(cli.dir, 'bytes'), bytes);
      await succeed('kv', 'key', 'put', 'file', '--path', 'bytes', ...on);
      await sandbox.transcript();

      const text = await succeed('kv', 'key', 'get', 'a/b c', ...on, '--text');
      assert.equal(text.out.toString().trimEnd(), 'välue');
      assertRequests(await sandbox.transcript(), [`GET ${KV}/ID/values/a%2Fb%20c 200`]);
      const raw = await succeed('kv', 'key', 'get', 'file', ...on);
      assert.deepEqual(raw.out, bytes);

      await sandbox.transcript();
      const keys = await json('kv', 'key', 'list', ...on);
      assert.deepEqual(keys.map((k) => k.name), ['a/b c', 'file', 'with']);
      assert.deepEqual(keys[2].metadata, { v: 1 });
      assert.ok(keys[2].expiration > Date.now() / 1000);
      assertRequests(await sandbox.transcript(), [`GET ${KV}/ID/keys?prefix= 200`]);

      await succeed('kv', 'key', 'delete', 'a/b c', ...on);
      const gone = await cli.run('kv', 'key', 'get', 'a/b c', ...on);
      assert.match(gone.text, /404|not found/i);
    });

    test('kv bulk put and delete', async () => {
      const id = await namespace('bulk');
      const on = ['--namespace-id', id, '--remote'];
      const pairs = [{ key: 'a', value: '1' }, { key: 'b', value: 'AP8=', base64: true }];
      await writeFile(join(cli.dir, 'pairs.json'), JSON.stringify(pairs));
      await succeed('kv', 'bulk', 'put', 'pairs.json', ...on);
      assert.deepEqual(await keysOf(id), ['a', 'b']);
      await writeFile(join(cli.dir, 'keys.json'), '["a","b"]');
      await succeed('kv', 'bulk', 'delete', 'keys.json', ...on, '--force');
      assert.deepEqual(await keysOf(id), []);
    });

    test('d1 list', async () => {
      const uuid = await database('listed');
      const all = await json('d1', 'list', '--json');
      assert.equal(all.find((d) => d.name === 'listed').uuid, uuid);
    });

    test('d1 create and execute a command', async () => {
      const made = await succeed('d1', 'create', 'commands');
      assert.match(made.text, /Successfully created DB 'commands'/);
      assertRequests(await sandbox.transcript(), [`POST ${D1} 200`]);
      const execute = (sql) => ['d1', 'execute', 'commands', '--remote', '--yes', '--json', '--command', sql];
      const sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, z TEXT, a REAL); INSERT INTO t (z, a) VALUES ('x;y', 1.5), ('z', NULL)";
      assert.equal((await json(...execute(sql))).length, 2);
      const lookup = current ? `GET ${D1}/commands?fields=uuid%2Cname 200` : `GET ${D1}?per_page=10&page=1 200`;
      assertRequests(await sandbox.transcript(), [lookup, `POST ${D1}/UUID/query 200`]);
      const [{ results, success, meta }] = await json(...execute('SELECT z, a, id FROM t ORDER BY id'));
      assert.equal(success, true);
      assert.deepEqual(results, [{ z: 'x;y', a: 1.5, id: 1 }, { z: 'z', a: null, id: 2 }]);
      assert.deepEqual(Object.keys(results[0]), ['z', 'a', 'id']);
      assert.equal(meta.rows_read, 2);
    });

    test('d1 execute reports what SQLite says', async () => {
      await database('errors');
      const run = (sql) => cli.run('d1', 'execute', 'errors', '--remote', '--yes', '--command', sql);
      const missing = await run('SELECT * FROM nowhere');
      assert.equal(missing.code, 1);
      assert.match(missing.text, /no such table: nowhere: SQLITE_ERROR \[code: 7500\]/);
      const version = await run('SELECT sqlite_version()');
      assert.match(version.text, /not authorized to use function: sqlite_version/);
      const unknown = await cli.run('d1', 'execute', 'nope', '--remote', '--yes', '--command', 'SELECT 1');
      assert.equal(unknown.code, 1);
      assert.match(unknown.text, /Couldn't find (a D1 )?DB/);
    });

    test('d1 execute a file', async () => {
      const uuid = await database('files');
      const rows = Array.from({ length: 500 }, (_, n) => `INSERT INTO t VALUES (${n}, 'row; ${n}');`);
      await writeFile(join(cli.dir, 'file.sql'), `CREATE TABLE t (id INTEGER, v TEXT);\n${rows.join('\n')}\n`);
      await sandbox.transcript();
      const { text } = await succeed('d1', 'execute', 'files', '--remote', '--yes', '--file', 'file.sql');
      assert.match(text, /Executed 501 queries/);
      const lookup = current ? `GET ${D1}/files?fields=uuid%2Cname 200` : `GET ${D1}?per_page=10&page=1 200`;
      // Once each: on a busy machine wrangler polls the import some more times.
      const requests = [...new Set(await sandbox.transcript())];
      assertRequests(requests, [
        lookup,
        `POST ${D1}/UUID/import 200`,
        'PUT /__sandbox/uploads/ID 200',
      ]);
      assert.equal(await count(uuid, 't'), 500);

      await writeFile(join(cli.dir, 'bad.sql'), 'DELETE FROM t; INSERT INTO nowhere VALUES (1);');
      const bad = await cli.run('d1', 'execute', 'files', '--remote', '--yes', '--file', 'bad.sql');
      assert.equal(bad.code, 1);
      assert.match(bad.text, /no such table: nowhere/);
      assert.equal(await count(uuid, 't'), 500);
    });

    test('d1 migrations: the project\'s own, each once', async () => {
      const uuid = await database('migrated');
      const bound = { binding: 'DB', database_name: 'migrated', database_id: uuid };
      const config = { name: 'w', compatibility_date: '2025-06-01', d1_databases: [bound] };
      await writeFile(join(cli.dir, 'wrangler.json'), JSON.stringify(config));
      await mkdir(join(cli.dir, 'migrations'));
      const files = (await readdir(MIGRATIONS)).filter((file) => file.endsWith('.sql')).sort();
      for (const file of files) await copyFile(join(MIGRATIONS, file), join(cli.dir, 'migrations', file));
      await succeed('d1', 'migrations', 'apply', 'migrated', '--remote');
      const sql = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name";
      const schema = async () => (await api('POST', `/d1/database/${uuid}/query`, { sql }))[0].results;
      const first = await schema();
      assert.ok(first.some((made) => /CREATE TABLE experiments\b/.test(made.sql)), JSON.stringify(first));
      await api('POST', `/d1/database/${uuid}/query`, { sql: "INSERT INTO d1_migrations (name) VALUES ('a later one')" });
      await succeed('d1', 'migrations', 'apply', 'migrated', '--remote');
      assert.deepEqual(await schema(), first);
      assert.equal(await count(uuid, 'd1_migrations'), files.length + 1);
      await rm(join(cli.dir, 'wrangler.json'));
    });

    test('injected failures reach wrangler', async () => {
      await sandbox.fault({ method: 'GET', path: '/client/v4/accounts/*/storage/kv/namespaces', status: 403, code: 10000 });
      const refused = await cli.run('kv', 'namespace', 'list');
      assert.equal(refused.code, 1);
      assert.match(refused.text, /10000/);
      await sandbox.clearFaults();
      await sandbox.fault({ method: 'POST', path: '/client/v4/accounts/*/d1/database', drop_reply: true });
      const dropped = await cli.run('d1', 'create', 'dropped');
      assert.notEqual(dropped.code, 0, dropped.text);
      await sandbox.clearFaults();
      const all = await api('GET', '/d1/database');
      assert.ok(all.some((d) => d.name === 'dropped'), 'the request was applied');
    });
  });
}
