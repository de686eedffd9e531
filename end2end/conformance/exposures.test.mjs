// SDKs that decide by themselves tell what they have shown, by the recipes of docs/sdks.md, taken
// from there as they stand; what the console then counts is what they have shown.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { GrowthBook, clearCache, setPolyfills } from '@growthbook/growthbook';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { OpenFeature } from '@openfeature/web-sdk';
import { EventSource } from 'eventsource';
import { startConsole } from './console.mjs';
import { startGateway, until } from './gateway.mjs';
import { api } from './hosts.mjs';
import { python } from './python.mjs';
import { ACCOUNT_ID, TOKEN, startSandbox } from './sandbox.mjs';

// Browsers bring it.
globalThis.EventSource = EventSource;
setPolyfills({ EventSource });

const DOCS = new URL('../../docs/sdks.md', import.meta.url);
const HOST = 'https://shop.example/__nexus';
const VARIANTS = ['control', 'treatment'];
const EXPERIMENT = {
  id: 'buttons',
  environment: 'staging',
  name: 'Buttons',
  hypothesis: 'It sells.',
  goal: 'sale',
  variants: VARIANTS.map((key) => ({ key, name: key, weight_bp: 5_000, features: { button: key } })),
};

/** A key as other systems have them. */
const FLAG = { key: 'Footer.text', environment: 'staging', name: 'Footer', kind: 'string', value: 'long' };

/** The block of the page that holds these words, for this host. */
async function recipe(words, base) {
  const blocks = (await readFile(DOCS, 'utf8')).matchAll(/```(?:js|python)\n(.*?)```/gs);
  const [, code] = [...blocks].find(([, block]) => block.includes(words)) ?? [];
  assert.ok(code, `docs/sdks.md has a block with ${words}`);
  return code.replaceAll(HOST, base);
}

describe('exposures of SDKs', () => {
  const places = {};
  const stops = [];
  /** How many of the people that SDKs told of got each variant. */
  const shown = { control: 0, treatment: 0 };
  let ask;
  let keys;
  /** What browsers send and forget. */
  let sent = [];
  const navigator = {
    sendBeacon(url, body) {
      sent.push({ told: JSON.parse(body).events, answer: fetch(url, { method: 'POST', body }) });
      return true;
    },
  };

  before(async () => {
    const sandbox = await startSandbox();
    stops.push(sandbox.stop);
    const cloudflare = {
      CLOUDFLARE_API_BASE_URL: `${sandbox.url}/client/v4`,
      CLOUDFLARE_API_TOKEN: TOKEN,
      CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID,
    };
    const nexus = await startConsole(cloudflare);
    stops.push(nexus.stop);
    ask = await api(nexus);
    await ask('POST', '/experiments', EXPERIMENT);
    await ask('POST', '/experiments/buttons/start', {});
    await ask('POST', '/flags', FLAG);
    const key = async (kind) => (await ask('POST', '/sdk-keys', { name: kind, environment: 'staging', kind })).key;
    keys = { client: await key('client'), server: await key('server') };
    const gateway = await startGateway({
      ...cloudflare,
      NEXUS_SNAPSHOT_FILE: undefined,
      NEXUS_SNAPSHOT_KEYS: await nexus.snapshotKey(),
      NEXUS_INGEST_URL: `${nexus.url}/api/v1/ingest`,
      NEXUS_INGEST_TOKEN: await nexus.token(['ingest']),
    });
    stops.push(gateway.stop);
    Object.assign(places, { console: nexus.url, gateway: `${gateway.url}/__nexus` });
    await until('the gateway has the keys', async () => (await fetch(`${places.gateway}/api/features/${keys.client}`)).ok);
  });
  after(async () => {
    await OpenFeature.close();
    await clearCache();
    for (const stop of stops.reverse()) await stop();
  });

  const people = (kind, place) => Array.from({ length: 60 }, (_, n) => `${kind}-${place}-${n}`);
  const taken = async () => {
    for (const { told, answer } of sent) {
      const { ok, status } = await answer;
      const text = await (await answer).text();
      assert.ok(ok, `${status} ${text}`);
      // What only an experiment sets is no flag, so nothing counts what it gave.
      const rejected = JSON.parse(text).rejected.map(({ index, problem }) => [told[index].flag, problem]);
      const wrong = told.filter(({ flag }) => flag === 'button').map(({ flag }) => [flag, 'there is no such flag']);
      assert.deepEqual(rejected, wrong, JSON.stringify(told));
    }
    const flags = sent.flatMap(({ told }) => told.map(({ flag }) => flag)).filter((flag) => flag !== undefined);
    sent = [];
    return [...new Set(flags)];
  };
  /** What the flag gave, as its page shows. */
  const given = async () => {
    const { usage } = await ask('GET', `/flags/staging/${FLAG.key}`);
    return usage.values.map(({ value }) => value);
  };
  const counted = async () => {
    const { results } = await ask('GET', '/experiments/buttons');
    return Object.fromEntries(results.variants.map(({ key, exposures }) => [key, exposures]));
  };

  for (const place of ['console', 'gateway']) {
    test(`GrowthBook's SDK for JavaScript tells the ${place}`, async () => {
      const code = await recipe('trackingCallback', places[place]);
      const make = new Function('clientKey', 'navigator', `${code}\nreturn trackingCallback;`);
      const trackingCallback = make(keys.client, navigator);
      await clearCache();
      const usage = await recipe('onFeatureUsage', places[place]);
      let left;
      const page = { visibilityState: 'hidden' };
      const onFeatureUsage = new Function('clientKey', 'navigator', 'addEventListener', 'document', `${usage}\nreturn onFeatureUsage;`)(
        keys.client,
        navigator,
        (_, listener) => (left = listener),
        page,
      );
      const sdk = new GrowthBook({ apiHost: places[place], clientKey: keys.client, trackingCallback, onFeatureUsage });
      const { success } = await sdk.init({ timeout: 10_000, skipCache: true });
      assert.ok(success);
      for (const id of people('js', place)) {
        await sdk.setAttributes({ id });
        shown[sdk.getFeatureValue('button', null)] += 1;
        assert.equal(sdk.getFeatureValue(FLAG.key, null), FLAG.value);
      }
      left();
      sdk.destroy();
      assert.deepEqual(await taken(), ['button', FLAG.key]);
    });

    test(`GrowthBook's SDK for Python tells the ${place}`, async () => {
      const input = JSON.stringify({
        recipe: await recipe('on_experiment_viewed', places[place]),
        server_key: keys.server,
        feature: 'button',
        people: people('python', place),
      });
      const program = new URL('python/growthbook_exposures.py', import.meta.url).pathname;
      const { code, out, err } = await python('python', [program], { input });
      assert.equal(code, 0, err);
      for (const variant of JSON.parse(out)) shown[variant] += 1;
    });

    test(`OpenFeature's web SDK tells the ${place} by the hook, and nothing without it`, async () => {
      const headers = [['Authorization', `Bearer ${keys.client}`]];
      const provider = () => new OFREPWebProvider({ baseUrl: places[place], headers, pollInterval: 0 });
      const look = async (kind) => {
        const client = OpenFeature.getClient(place);
        const seen = [];
        for (const id of people(kind, place)) {
          await OpenFeature.setContext(place, { targetingKey: id });
          seen.push(client.getStringValue('button', '-'));
        }
        return seen;
      };
      await OpenFeature.setContext(place, { targetingKey: 'first' });
      await OpenFeature.setProviderAndWait(place, provider());
      await look('silent');
      assert.equal(sent.length, 0);
      const hook = await recipe('addHooks', places[place]);
      OpenFeature.clearHooks();
      new Function('clientKey', 'navigator', 'OpenFeature', hook)(keys.client, navigator, OpenFeature);
      for (const variant of await look('web')) shown[variant] += 1;
      OpenFeature.clearHooks();
      await taken();
    });
  }

  test('the console counts what they have shown, and nobody else', async () => {
    assert.equal(shown.control + shown.treatment, 2 * 3 * 60);
    assert.ok(shown.control > 100 && shown.treatment > 100, JSON.stringify(shown));
    let found;
    const all = async () => {
      found = await counted();
      return VARIANTS.every((key) => found[key] === shown[key]);
    };
    await until('everything is counted', all).catch(() => assert.deepEqual(found, shown));
    await until('what the flag gave', async () => (await given()).includes('"long"'));
  });
});
