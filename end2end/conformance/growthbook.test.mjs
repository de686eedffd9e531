// GrowthBook's JavaScript SDK, unmodified, against gateway and console.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { GrowthBook, clearCache, setPolyfills } from '@growthbook/growthbook';
import { EventSource } from 'eventsource';
import { line, people, until } from './gateway.mjs';
import { HOSTS } from './hosts.mjs';

setPolyfills({ EventSource });

const EXPERIMENTS = ['checkout', 'search', 'needy'];
/** What the gateway leaves out because it is off. */
const OFF = { version: 1, share: false, shared: 'flag', rules: 'off', grouped: 'off', needs: false, ramped: false };
const FEATURES = [...Object.keys(OFF), ...EXPERIMENTS.map((id) => `${id}-text`)];
const NAMES = ['constant', 'holdout:all', ...EXPERIMENTS, ...FEATURES];
/** Values that somebody gets: with nothing for those who take no part. */
const VALUES = { version: 1, share: 2, shared: 4, rules: 4, grouped: 3, needs: 2, ramped: 2 };
for (const { name: place, start } of HOSTS) describe(`GrowthBook's SDK at the ${place}`, () => {
  let host;
  let keys;
  const sdks = [];
  before(async () => {
    host = await start();
    keys = host.keys;
  });
  after(async () => {
    for (const sdk of sdks) sdk.destroy();
    await clearCache();
    await host?.stop();
  });

  const load = async (clientKey, more = {}) => {
    const sdk = new GrowthBook({ apiHost: host.base, clientKey, ...more });
    sdks.push(sdk);
    const { success, error } = await sdk.init({ timeout: 10_000, skipCache: true, ...more.init });
    return { sdk, success, error };
  };

  test('says for 10,000 people what the gateway decides', async (t) => {
    if (!host.decide) return t.skip('only a gateway decides requests');
    const { sdk, success } = await load(keys.server);
    assert.ok(success);
    const asked = people(10_000);
    const decided = await host.decide(asked.map(line));
    assert.equal(decided.length, asked.length);
    const seen = new Set();
    for (const [n, person] of asked.entries()) {
      await sdk.setAttributes(person);
      const { assignments, features } = decided[n];
      for (const experiment of EXPERIMENTS) {
        assert.equal(sdk.getFeatureValue(experiment, null), assignments[experiment] ?? null, JSON.stringify(person));
        seen.add(`${experiment} ${assignments[experiment]}`);
      }
      for (const name of FEATURES) {
        const expected = features[name] ?? OFF[name] ?? null;
        assert.deepEqual(sdk.getFeatureValue(name, null), expected, `${name} of ${JSON.stringify(person)}`);
        seen.add(`${name} ${expected}`);
      }
    }
    const values = Object.values(VALUES).reduce((sum, count) => sum + count, 0);
    // Of each experiment nothing or one of two variants, and the same of its feature.
    assert.equal(seen.size, values + EXPERIMENTS.length * 6, [...seen].join('; '));
  });

  test('says what the gateway evaluates for it', async () => {
    const { sdk } = await load(keys.server);
    for (const person of people(500)) {
      await sdk.setAttributes(person);
      const { id, ...attributes } = person;
      const answer = await fetch(`${host.base}/ofrep/v1/evaluate/flags`, {
        method: 'POST',
        headers: { 'x-api-key': keys.server },
        body: JSON.stringify({ context: { targetingKey: id, ...attributes } }),
      });
      const { flags } = await answer.json();
      assert.deepEqual(flags.map((flag) => flag.key).sort(), [...NAMES].sort());
      for (const { key, value, reason, variant } of flags) {
        const found = sdk.evalFeature(key);
        assert.deepEqual(value ?? null, found.value, `${key} of ${JSON.stringify(person)}`);
        if (found.source === 'experiment') assert.deepEqual([reason, variant], ['SPLIT', found.experimentResult.key]);
      }
    }
  });

  test('reads an encrypted payload with its key only', async (t) => {
    const { sdk } = await load(keys.secret, { decryptionKey: keys.encryption });
    assert.deepEqual(sdk.getFeatureValue('constant', null), { a: [1, 2.5], b: 'x' });
    await clearCache();
    t.mock.method(console, 'error', () => {});
    const { sdk: blind } = await load(keys.secret, { decryptionKey: Buffer.alloc(16).toString('base64') });
    assert.equal(blind.getFeatureValue('constant', null), null);
  });

  test('is refused with a key that is none', async () => {
    const { success, error } = await load('nxc_other');
    assert.equal(success, false);
    assert.match(String(error), /401/);
  });

  test('hears of a new snapshot at once, also in secret', async () => {
    await clearCache();
    const clear = await load(keys.client, { init: { streaming: true } });
    const secret = await load(keys.secret, { decryptionKey: keys.encryption, init: { streaming: true } });
    await host.publish(2);
    for (const { sdk } of [clear, secret]) {
      await until('version 2', async () => sdk.getFeatureValue('version', 0) === 2);
    }
  });
});
