// The pure crates in WebAssembly: GrowthBook's published cases, and the bits of every answer.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Miniflare } from "miniflare";
import { required, workerModules } from "./support.mjs";

const ROOT = join(import.meta.dirname, "../..");
const SUITES = process.env.NEXUS_SUITES ?? join(ROOT, "../shared/suites");
const CASES = join(SUITES, "growthbook/cases.json");

describe("in WebAssembly", () => {
  let worker;

  before(async () => {
    worker = new Miniflare({
      modules: await workerModules(required("NEXUS_PROOFS_DIR")),
      compatibilityDate: "2026-03-01",
      host: "127.0.0.1",
      port: 0,
      cf: {},
    });
  });

  after(() => worker?.dispose());

  async function ask(path, request) {
    const answer = await worker.dispatchFetch(`http://proofs.invalid${path}`, request);
    const text = await answer.text();
    assert.equal(answer.status, 200, text);
    return JSON.parse(text);
  }

  it(
    "every published case of GrowthBook passes",
    { skip: existsSync(CASES) ? false : `no ${CASES}` },
    async () => {
      const found = await ask("/cases", { method: "POST", body: await readFile(CASES, "utf8") });
      assert.deepEqual(found.wrong, []);
      assert.equal(found.passed, 1_035);
      assert.equal(found.published, 1_035);
    },
  );

  it("evaluators and statistics answer with the same bits as natively", async () => {
    const found = await ask("/bits");
    for (const name of ["flags", "stats"]) {
      // What the native tests of the crate found, `bits/main.rs`.
      const native = await readFile(join(ROOT, `crates/${name}/tests/bits/bits.json`), "utf8");
      assert.deepEqual(found[name], JSON.parse(native), name);
    }
  });
});
