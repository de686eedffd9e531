import { randomUUID } from "node:crypto";
import { Api, fresh } from "../fixtures/api.ts";
import { nexusAdmin } from "../fixtures/cli.ts";
import { expect, test } from "../fixtures/test.ts";

/** The promise: from decisive evidence to the stop. */
const LIMIT_MS = 10_000;

test("decisive evidence of harm stops an experiment within 10 s", async ({ browser, request, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const id = fresh("harmful");
  // In an environment without a crowd, so that only this evidence counts.
  await api.create(id, { environment: "staging", guardrail: { max_error_rate_bp: 500 } });
  await api.start(id);
  const { propagation } = await api.detail(id);
  const minted = await nexusAdmin(stack, "token", "create", "--name", id, "--scope", "ingest", "--print");
  expect(minted, minted.stderr).toMatchObject({ code: 0 });

  const now = Date.now();
  const events = Array.from({ length: 200 }, (_, n) => ({
    type: "request",
    id: randomUUID(),
    at_ms: now,
    unit: `visitor-${n}`,
    assignments: [{ experiment: id, variant: n % 2 ? "treatment" : "control", version: propagation.version }],
    status: n % 2 ? 500 : 200,
  }));
  const batch = {
    gateway_id: "tester",
    environment: "staging",
    snapshot_version: propagation.version,
    sent_ms: now,
    batch_id: randomUUID(),
    events,
  };
  const answer = await request.post(`${stack.console_url}/api/v1/ingest`, {
    headers: { authorization: `Bearer ${minted.stdout.trim()}` },
    data: batch,
  });
  expect(await answer.json()).toMatchObject({ accepted: events.length });
  const evidence = performance.now();
  const status = async () => (await api.detail(id)).experiment.status;
  await expect.poll(status, { timeout: LIMIT_MS, intervals: [100] }).toBe("stopped");
  expect(performance.now() - evidence).toBeLessThan(LIMIT_MS);

  const [entry] = await api.auditOf(id);
  expect(entry).toMatchObject({ action: "experiment.stop_for_harm", actor_kind: "system" });
});
