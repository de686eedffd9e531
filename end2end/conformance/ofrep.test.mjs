// OFREP as its project publishes it: Schemathesis makes requests from that description, right
// ones and wrong ones, and holds our answers against it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { HOSTS } from './hosts.mjs';
import { python } from './python.mjs';

const SUITES = process.env.NEXUS_SUITES ?? join(import.meta.dirname, '../../../shared/suites');
const PUBLISHED = join(SUITES, 'ofrep/openapi.yaml');
const skip = existsSync(PUBLISHED) ? false : `no ${PUBLISHED} (NEXUS_SUITES names another place)`;

/** A flag's value has one kind of six, says the description. The sixth (no value at all) asks for
 * nothing, so every flag with a value is of two kinds and no answer could be right. */
const [EXACTLY_ONE, AT_LEAST_ONE] = ['oneOf', 'anyOf']
  .map((word) => `- ${word}:\n            - $ref: "#/components/schemas/booleanFlag"`);

describe("OFREP's published description", { skip }, () => {
  for (const { name, start } of HOSTS) test(`holds at the ${name}`, { timeout: 600_000 }, async () => {
    const host = await start();
    const folder = await mkdtemp(join(tmpdir(), 'nexus-ofrep-'));
    try {
      const published = await readFile(PUBLISHED, 'utf8');
      const parts = published.split(EXACTLY_ONE);
      assert.equal(parts.length, 2, 'another description: does it still contradict itself?');
      await writeFile(join(folder, 'openapi.yaml'), parts.join(AT_LEAST_ONE));
      const config = ['[[operations]]', 'include-path-regex = "flags/"', 'parameters = { "path.key" = "rules" }'];
      await writeFile(join(folder, 'schemathesis.toml'), config.join('\n'));
      const args = [
        'run', 'openapi.yaml',
        '--url', host.base,
        '--header', `Authorization: Bearer ${host.keys.server}`,
        '--phases', 'examples,coverage,fuzzing',
        '--checks', 'not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,response_headers_conformance',
        '--max-examples', '50',
        '--seed', '1',
        '--continue-on-failure',
        '--no-color',
      ];
      const { code, out, err } = await python('schemathesis', args, { cwd: folder });
      assert.equal(code, 0, `${out}\n${err}`);
      assert.match(out, /Tested: 2\b/);
    } finally {
      await host.stop();
      await rm(folder, { recursive: true });
    }
  });
});
