// Whether wrangler would deploy both Workers, with their own configurations as they are.

import assert from "node:assert/strict";
import { cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { it } from "node:test";
import { wrangler } from "../conformance/wrangler.mjs";

const ROOT = new URL("../../", import.meta.url).pathname;
const DEAD = "http://127.0.0.1:1";

const WORKERS = {
  gateway: {
    built: { "target/edge/gateway": "NEXUS_EDGE_GATEWAY_DIR" },
    bindings: ["NEXUS_CONFIG", "NEXUS_EVENTS", "NEXUS_ORIGINS", "NEXUS_SNAPSHOT_KEYS"],
  },
  console: {
    built: {
      "target/edge/console": "NEXUS_EDGE_CONSOLE_DIR",
      "target/edge/console-public": "NEXUS_EDGE_CONSOLE_PUBLIC_DIR",
    },
    bindings: ["DB", "ASSETS", "NEXUS_PUBLIC_URL", "NEXUS_ACCESS_ISSUER"],
  },
};

for (const [name, { built, bindings }] of Object.entries(WORKERS)) {
  it(`wrangler would deploy the ${name}`, async () => {
    // Where a configuration looks is relative to it, so that the checkout is laid out anew.
    const cli = await wrangler("wrangler", DEAD);
    const put = async (from, to) => {
      await mkdir(dirname(join(cli.dir, to)), { recursive: true });
      await cp(from, join(cli.dir, to), { recursive: true });
    };
    const config = `edge/${name}/wrangler.jsonc`;
    await put(join(ROOT, config), config);
    await put(join(ROOT, "migrations"), "migrations");
    for (const [place, variable] of Object.entries(built)) {
      assert.ok(process.env[variable], `${variable} is not set; \`cargo xtask test\` sets it`);
      await put(process.env[variable], place);
    }
    const { code, text } = await cli.run("deploy", "--dry-run", "--outdir", "out", "--config", config);
    await cli.remove();
    assert.equal(code, 0, text);
    for (const binding of bindings) assert.ok(text.includes(binding), `${binding} in\n${text}`);
    assert.match(text, /--dry-run: exiting now/);
  });
}
