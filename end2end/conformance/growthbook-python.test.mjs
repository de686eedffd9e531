// GrowthBook's Python SDK, unmodified, against gateway and console.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { line, people } from './gateway.mjs';
import { HOSTS } from './hosts.mjs';
import { python } from './python.mjs';

const EXPERIMENTS = ['checkout', 'search', 'needy'];
const OFF = { version: 1, share: false, shared: 'flag', rules: 'off', grouped: 'off', needs: false, ramped: false };
const FEATURES = [...Object.keys(OFF), ...EXPERIMENTS.map((id) => `${id}-text`)];
const NAMES = [...EXPERIMENTS, ...FEATURES];

for (const { name: place, start } of HOSTS) describe(`GrowthBook's Python SDK at the ${place}`, () => {
  let host;
  before(async () => {
    host = await start();
  });
  after(() => host?.stop());

  const ask = async (key, secret, asked) => {
    const input = JSON.stringify({ names: NAMES, people: asked });
    const args = [new URL('python/growthbook_answers.py', import.meta.url).pathname, host.base, key, secret];
    const { code, out, err } = await python('python', args, { input });
    assert.equal(code, 0, err);
    return JSON.parse(out);
  };

  test('says for 10,000 people what the gateway decides', async (t) => {
    if (!host.decide) return t.skip('only a gateway decides requests');
    const asked = people(10_000);
    const [said, decided] = await Promise.all([ask(host.keys.server, '', asked), host.decide(asked.map(line))]);
    assert.equal(said.length, asked.length);
    for (const [n, { assignments, features }] of decided.entries()) {
      const expected = [
        ...EXPERIMENTS.map((name) => assignments[name] ?? null),
        ...FEATURES.map((name) => features[name] ?? OFF[name] ?? null),
      ];
      assert.deepEqual(said[n], expected, JSON.stringify(asked[n]));
    }
  });

  test('says for 500 people what the host evaluates for it', async () => {
    const asked = people(500);
    const said = await ask(host.keys.server, '', asked);
    const seen = new Set();
    for (const [n, { id, ...attributes }] of asked.entries()) {
      const answer = await fetch(`${host.base}/ofrep/v1/evaluate/flags`, {
        method: 'POST',
        headers: { 'x-api-key': host.keys.server },
        body: JSON.stringify({ context: { targetingKey: id, ...attributes } }),
      });
      const { flags } = await answer.json();
      const values = new Map(flags.map(({ key, value }) => [key, value ?? null]));
      assert.deepEqual(said[n], NAMES.map((name) => values.get(name) ?? null), JSON.stringify(asked[n]));
      for (const name of NAMES) seen.add(`${name} ${values.get(name)}`);
    }
    assert.ok(seen.size > 15, `people differ: ${[...seen].join('; ')}`);
  });

  test('reads an encrypted payload', async () => {
    const asked = people(50);
    const { secret, server, encryption } = host.keys;
    assert.deepEqual(await ask(secret, encryption, asked), await ask(server, '', asked));
  });

  test('is refused with a key that is none', async () => {
    const [said] = await ask('nxc_other', '', people(1));
    assert.deepEqual(said, NAMES.map(() => null));
  });
});
