// Both hosts of SDKs' pages, with the same flags, experiments and kinds of keys.
import assert from 'node:assert/strict';
import { startConsole } from './console.mjs';
import { CLIENT, ENCRYPTION_KEY, SECRET, SERVER, snapshot, startGateway } from './gateway.mjs';

const SCOPES = ['experiments:write', 'flags:write', 'sdk_keys:write'];

/** Each is started by `start()`, which gives `{base, keys, publish(version), stop()}`. */
export const HOSTS = [
  { name: 'gateway', start: gatewayHost },
  { name: 'console', start: consoleHost },
];

async function gatewayHost() {
  const gateway = await startGateway();
  await gateway.publish(snapshot(1));
  return {
    base: `${gateway.url}/__nexus`,
    keys: { client: CLIENT, secret: SECRET, server: SERVER, encryption: ENCRYPTION_KEY },
    publish: (version) => gateway.publish(snapshot(version)),
    decide: gateway.decide,
    stop: gateway.stop,
  };
}

async function consoleHost() {
  const console = await startConsole();
  const filled = await fill(console);
  return { base: console.url, ...filled, stop: console.stop };
}

/** Lists as the console's own forms name them. */
function named(targeting) {
  const [of] = Object.values(targeting?.condition ?? {});
  if (of?.$inGroup) return { ...targeting, condition: { $savedGroups: [of.$inGroup] } };
  return targeting;
}

/** Asks a console's API: `ask(method, path, body)` gives the JSON of a good answer. */
export async function api(console) {
  const token = await console.token(SCOPES);
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${console.url}/api/v1${path}`, { method, headers, body: JSON.stringify(body) });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text && JSON.parse(text);
  };
}

/** Puts what `snapshot(1)` says into a console, by its API; `{keys, publish(version)}`. */
export async function fill(console) {
  const ask = await api(console);
  const { environment, experiments, flags, saved_groups: lists } = snapshot(1);
  for (const [id, values] of Object.entries(lists)) {
    const attribute = id === 'staff' ? 'id' : 'plan';
    await ask('POST', '/saved-groups', { id, environment, name: id, kind: 'list', attribute, values });
  }
  for (const { key, value, rules = [] } of flags) {
    const kind = typeof value === 'object' ? 'json' : typeof value;
    const given = rules.map(({ value, targeting, coverage_bp, ramp, prerequisites }) => (
      { value, targeting: named(targeting), coverage_bp, ramp, prerequisites }));
    await ask('POST', '/flags', { key, environment, kind, name: key, value, rules: given });
    await ask('POST', `/flags/${environment}/${key}/enable`, {});
  }
  // What starts from now on leaves its users out.
  const holdout = { id: 'all', environment, name: 'All', share_bp: 1_000, goal: 'sale', global: true };
  await ask('POST', '/holdouts', holdout);
  for (const { id, coverage_bp, variants, targeting, prerequisites } of experiments) {
    // The holdout's own rule is the console's.
    if (id.startsWith('holdout:')) continue;
    const shown = variants.map((variant) => ({ ...variant, name: variant.key }));
    const about = { id, environment, name: id, hypothesis: 'It sells.', goal: 'sale' };
    await ask('POST', '/experiments', { ...about, coverage_bp, variants: shown, targeting: named(targeting), prerequisites });
    await ask('POST', `/experiments/${id}/start`, {});
  }
  const key = (name, more) => ask('POST', '/sdk-keys', { name, environment, kind: 'client', ...more });
  const client = await key('web', { origins: ['https://shop.example'] });
  const secret = await key('app', { encrypted: true });
  const server = await key('api', { kind: 'server' });
  return {
    keys: { client: client.key, secret: secret.key, server: server.key, encryption: secret.sdk_key.encryption_key },
    async publish(value) {
      const path = `/flags/${environment}/version`;
      const { flag } = await ask('GET', path);
      const { key, kind, name, version } = flag;
      await ask('PUT', path, { version, draft: { key, environment, kind, name, value, rules: [] } });
    },
  };
}
