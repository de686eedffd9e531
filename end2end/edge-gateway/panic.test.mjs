// A panic makes an instance of WebAssembly unusable: the next request gets a new one.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { closeSurroundings, halfAndHalf, publish, startWorker, surroundings } from "./support.mjs";

/** A request that panics is answered by nobody; the runtime may take its time to say so. */
const PATIENCE_MS = 5_000;

let around;
let worker;
before(async () => {
  around = await surroundings();
  worker = await startWorker(around);
});
after(async () => {
  await worker?.stop();
  await closeSurroundings(around);
});

const panic = () =>
  fetch(`${worker.url}/__nexus/panic`, { method: "POST", signal: AbortSignal.timeout(PATIENCE_MS) }).then(
    (answer) => answer.status,
    () => 0,
  );

it("answers and decides again after a panic, as often as it takes", async () => {
  await publish(worker, halfAndHalf(1));
  for (let round = 0; round < 3; round++) {
    assert.ok([0, 500].includes(await panic()), "the panic was one");
    const answer = await fetch(`${worker.url}/`, { headers: { "x-nexus-user": "ada" } });
    assert.equal(answer.status, 200);
    const { headers } = await answer.json();
    assert.ok(JSON.parse(headers["x-nexus-decision"]).assignments.checkout, "by the snapshot, fetched anew");
  }
});
