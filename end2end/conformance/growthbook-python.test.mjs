// GrowthBook's Python SDK, unmodified, against the gateway.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ENCRYPTION_KEY, SECRET, SERVER, line, people, snapshot, startGateway } from './gateway.mjs';
import { python } from './python.mjs';

const EXPERIMENTS = ['checkout', 'search'];
const OFF = { version: 1, share: false, shared: 'flag', rules: 'off' };
const FEATURES = [...Object.keys(OFF), 'checkout-text', 'search-text'];

describe("GrowthBook's Python SDK", () => {
  let gateway;
  before(async () => {
    gateway = await startGateway();
    await gateway.publish(snapshot(1));
  });
  after(() => gateway?.stop());

  const ask = async (key, secret, asked) => {
    const input = JSON.stringify({ names: [...EXPERIMENTS, ...FEATURES], people: asked });
    const args = [new URL('python/growthbook_answers.py', import.meta.url).pathname, `${gateway.url}/__nexus`, key, secret];
    const { code, out, err } = await python('python', args, { input });
    assert.equal(code, 0, err);
    return JSON.parse(out);
  };

  test('says for 10,000 people what the gateway decides', async () => {
    const asked = people(10_000);
    const [said, decided] = await Promise.all([ask(SERVER, '', asked), gateway.decide(asked.map(line))]);
    assert.equal(said.length, asked.length);
    for (const [n, { assignments, features }] of decided.entries()) {
      const expected = [
        ...EXPERIMENTS.map((name) => assignments[name] ?? null),
        ...FEATURES.map((name) => features[name] ?? OFF[name] ?? null),
      ];
      assert.deepEqual(said[n], expected, JSON.stringify(asked[n]));
    }
  });

  test('reads an encrypted payload', async () => {
    const asked = people(50);
    assert.deepEqual(await ask(SECRET, ENCRYPTION_KEY, asked), await ask(SERVER, '', asked));
  });
});
