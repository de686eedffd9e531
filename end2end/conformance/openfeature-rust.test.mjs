// OpenFeature's Rust SDK with its OFREP provider, unmodified, against gateway and console.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { HOSTS } from './hosts.mjs';

const MANIFEST = new URL('rust/Cargo.toml', import.meta.url).pathname;
const BUILT = process.env.NEXUS_OPENFEATURE_CLIENT;

/** Runs the program in `rust/`, by cargo unless it was built before; its lines. */
async function ask(...args) {
  const cargo = ['run', '--locked', '--quiet', '--manifest-path', MANIFEST, '--'];
  const [program, before] = BUILT ? [BUILT, []] : ['cargo', cargo];
  const { stdout } = await promisify(execFile)(program, [...before, ...args]);
  return stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
}

for (const { name: place, start } of HOSTS) describe(`OpenFeature's Rust SDK at the ${place}`, () => {
  let host;
  before(async () => { host = await start(); });
  after(() => host?.stop());

  // The first run builds it.
  test('evaluates every type and is told what is wrong', { timeout: 1_200_000 }, async () => {
    const [int, float, text, bool, struct, nowhere, nobody] = await ask(host.base, host.keys.server);
    assert.deepEqual([int.value, float.value], [1, 1]);
    assert.deepEqual(text, { value: 'adult', variant: 'rule_1' });
    assert.equal(typeof bool.value, 'boolean');
    assert.equal(struct.value, 'x');
    assert.equal(nowhere.error, 'FlagNotFound');
    assert.equal(nobody.error, 'InvalidContext');
    const [refused] = await ask(host.base, 'none');
    assert.match(refused.error, /authentication/);
  });
});
