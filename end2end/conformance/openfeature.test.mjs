// OpenFeature's SDKs and their OFREP providers, unmodified, against gateway and console.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { OpenFeature } from '@openfeature/server-sdk';
import { OpenFeature as OpenFeatureWeb } from '@openfeature/web-sdk';
import { EventSource } from 'eventsource';
import { people, until } from './gateway.mjs';
import { HOSTS } from './hosts.mjs';

// Browsers bring it.
globalThis.EventSource = EventSource;

for (const { name: place, start } of HOSTS) describe(`OpenFeature's SDKs at the ${place}`, () => {
  let host;
  before(async () => { host = await start(); });
  after(async () => {
    await OpenFeature.close();
    await OpenFeatureWeb.close();
    await host?.stop();
  });

  const provider = (Provider, key) => {
    const headers = [['Authorization', `Bearer ${key}`]];
    return new Provider({ baseUrl: host.base, headers });
  };

  test('the server SDK evaluates every type', async () => {
    await OpenFeature.setProviderAndWait('server', provider(OFREPProvider, host.keys.server));
    const client = OpenFeature.getClient('server');
    const jp = { targetingKey: 'u', country: 'JP', age: 18, device: 'desktop' };
    const adult = await client.getStringDetails('rules', 'default', jp);
    assert.deepEqual([adult.value, adult.reason, adult.variant], ['adult', 'TARGETING_MATCH', 'rule_1']);
    assert.equal(await client.getStringValue('rules', 'default', { ...jp, age: 17 }), 'off');
    const constant = await client.getObjectDetails('constant', {}, jp);
    assert.deepEqual([constant.value, constant.reason], [{ a: [1, 2.5], b: 'x' }, 'STATIC']);
    assert.equal(await client.getNumberValue('version', 0, jp), 1);
    assert.equal(await client.getBooleanValue('share', true, { targetingKey: 'x', n: 1 }), false);
    const drawn = await client.getStringDetails('checkout', 'nobody', jp);
    if (drawn.value !== 'nobody') assert.equal(drawn.flagMetadata.experiment, 'checkout');
  });

  test('the server SDK is told what is wrong', async () => {
    await OpenFeature.setProviderAndWait('server', provider(OFREPProvider, host.keys.server));
    const client = OpenFeature.getClient('server');
    const code = async (flag, context) => (await client.getStringDetails(flag, 'default', context)).errorCode;
    assert.equal(await code('nowhere', { targetingKey: 'u' }), 'FLAG_NOT_FOUND');
    assert.equal(await code('rules', {}), 'TARGETING_KEY_MISSING');
    assert.equal(await code('rules', { targetingKey: 'u'.repeat(129) }), 'INVALID_CONTEXT');
    assert.equal(await code('version', { targetingKey: 'u' }), 'TYPE_MISMATCH');
    await OpenFeature.setProviderAndWait('stranger', provider(OFREPProvider, 'nxs_other'));
    const stranger = await OpenFeature.getClient('stranger').getStringDetails('rules', 'default', { targetingKey: 'u' });
    assert.deepEqual([stranger.value, stranger.reason], ['default', 'ERROR']);
  });

  test('the web SDK says the same as the server SDK', async () => {
    await OpenFeature.setProviderAndWait('server', provider(OFREPProvider, host.keys.server));
    await OpenFeatureWeb.setContext('web', { targetingKey: 'u' });
    await OpenFeatureWeb.setProviderAndWait('web', provider(OFREPWebProvider, host.keys.client));
    const [server, web] = [OpenFeature.getClient('server'), OpenFeatureWeb.getClient('web')];
    for (const { id, ...attributes } of people(100)) {
      const told = Object.entries(attributes).filter(([, value]) => value !== undefined);
      const context = { targetingKey: id, country: 'US', ...Object.fromEntries(told) };
      await OpenFeatureWeb.setContext('web', context);
      for (const flag of ['rules', 'shared', 'checkout', 'search-text']) {
        const [there, here] = [await server.getStringDetails(flag, '-', context), web.getStringDetails(flag, '-')];
        assert.equal(here.value, there.value, flag);
        // The server's provider knows no answer without a value; it gives the default as an error.
        if (here.value !== '-') assert.deepEqual([here.variant, here.reason], [there.variant, there.reason], flag);
      }
    }
  });

  test('the web SDK hears of a new snapshot at once', async () => {
    await OpenFeatureWeb.setContext({ targetingKey: 'u' });
    await OpenFeatureWeb.setProviderAndWait('live', provider(OFREPWebProvider, host.keys.client));
    const client = OpenFeatureWeb.getClient('live');
    assert.equal(client.getNumberValue('version', 0), 1);
    await host.publish(2);
    await until('version 2', async () => client.getNumberValue('version', 0) === 2);
  });
});
