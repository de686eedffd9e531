// Schemathesis makes requests from the API's published description, right ones and wrong ones,
// and holds the answers against it.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startConsole } from './console.mjs';
import { HOSTS } from './hosts.mjs';
import { python } from './python.mjs';

const SCOPES = ['experiments:read', 'experiments:write', 'flags:read', 'flags:write', 'sdk_keys:read', 'sdk_keys:write', 'audit:read', 'members:read', 'ingest'];
/** Rules between fields (weights add up to 100 %) are beyond what a schema says, so a request may
 * fit the schema and be refused; that it is refused well is held by the other checks. */
const LEFT_OUT = 'positive_data_acceptance';

const variant = (key) => ({ key, name: key, weight_bp: 5_000, features: { colour: key } });
const EXPERIMENT = {
  id: 'checkout',
  environment: 'production',
  name: 'Checkout',
  hypothesis: 'It sells.',
  variants: [variant('control'), variant('treatment')],
  goal: 'sale',
  metrics: [{ key: 'revenue', kind: { of: 'mean' } }],
};
const FLAG = { key: 'colour', environment: 'production', kind: 'string', name: 'Colour', value: 'red' };
const GROUP = { id: 'staff', environment: 'production', name: 'Staff', kind: 'list', attribute: 'id', values: ['ann'] };
const HOLDOUT = { id: 'all', environment: 'production', name: 'All', share_bp: 1_000, goal: 'sale', global: true };

/** Schemathesis' settings: what the paths' parameters are, by a pattern of the paths. */
function configuration(parameters) {
  const sections = Object.entries(parameters).map(([paths, values]) => {
    const pairs = Object.entries(values).map(([name, value]) => `"path.${name}" = "${value}"`);
    return `[[operations]]\ninclude-path-regex = "${paths}"\nparameters = { ${pairs.join(', ')} }\n`;
  });
  return sections.join('\n');
}

describe('the API', () => {
  let nexus;
  before(async () => { nexus = await startConsole(); });
  after(() => nexus?.stop());

  test('answers as its description says, whatever comes', { timeout: 600_000 }, async () => {
    const token = await nexus.token(SCOPES);
    const post = async (path, body) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answer = await fetch(nexus.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      const text = await answer.text();
      assert.ok(answer.status < 300, `${path}: ${answer.status} ${text}`);
      return text && JSON.parse(text);
    };
    // Something that is there, so that not every path leads nowhere.
    await post('/api/v1/experiments', EXPERIMENT);
    await post('/api/v1/flags', FLAG);
    await post('/api/v1/saved-groups', GROUP);
    await post('/api/v1/holdouts', HOLDOUT);
    const { sdk_key: key } = await post('/api/v1/sdk-keys', { name: 'api', environment: 'production', kind: 'server' });
    const { environment } = FLAG;
    const there = configuration({
      '^/api/v1/experiments/': { id: EXPERIMENT.id, metric: EXPERIMENT.metrics[0].key },
      '^/api/v1/flags/': { environment, key: FLAG.key },
      '^/api/v1/saved-groups/': { environment, id: GROUP.id },
      '^/api/v1/holdouts/': { id: HOLDOUT.id },
      '^/api/v1/sdk-keys/': { id: key.id },
      '^/api/v1/environments/': { environment },
    });
    await writeFile(join(nexus.folder, 'schemathesis.toml'), there);
    const args = [
      'run', `${nexus.url}/api/v1/openapi.json`,
      '--header', `Authorization: Bearer ${token}`,
      '--phases', 'examples,coverage,fuzzing',
      '--exclude-checks', LEFT_OUT,
      '--max-examples', '15',
      '--seed', '1',
      '--continue-on-failure',
      '--no-color',
    ];
    const { code, out, err } = await python('schemathesis', args, { cwd: nexus.folder });
    assert.equal(code, 0, `${out}\n${err}`);
    assert.match(out, /Tested: \d\d/);
  });

  // With a token they only ever say 401: an SDK key opens them, here and at a gateway.
  for (const { name, start } of HOSTS) test(`SDKs' pages answer as described at the ${name}`, { timeout: 600_000 }, async () => {
    const host = await start();
    try {
      const described = await (await fetch(`${nexus.url}/api/v1/openapi.json`)).text();
      await writeFile(join(nexus.folder, `${name}.json`), described);
      const config = [
        '[[operations]]',
        'include-tag = ["sdk"]',
        `parameters = { "path.key" = "${host.keys.server}", "path.flag" = "rules" }`,
      ];
      await writeFile(join(nexus.folder, 'schemathesis.toml'), config.join('\n'));
      const args = [
        'run', `${name}.json`,
        '--url', host.base,
        '--header', `Authorization: Bearer ${host.keys.server}`,
        '--include-tag', 'sdk',
        // Streams have no end, and the page for tokens is tried with one, above.
        '--exclude-path-regex', '^/(sub|ofrep/v1/changes|api/v1)/',
        '--phases', 'examples,coverage,fuzzing',
        '--exclude-checks', LEFT_OUT,
        '--max-examples', '30',
        '--seed', '1',
        '--continue-on-failure',
        '--no-color',
      ];
      const { code, out, err } = await python('schemathesis', args, { cwd: nexus.folder });
      assert.equal(code, 0, `${out}\n${err}`);
      assert.match(out, /Tested: 4/);
    } finally {
      await host.stop();
    }
  });
});
