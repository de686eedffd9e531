import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Api, fresh } from "../fixtures/api.ts";
import { expect, test } from "../fixtures/test.ts";

/** A page of another origin than the gateway's. */
async function serveShop(): Promise<{ origin: string; close: () => void }> {
  const server = createServer((_, response) => response.setHeader("content-type", "text/html").end("<title>Shop</title>"));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return { origin: `http://localhost:${port}`, close: () => void server.close() };
}

test.setTimeout(60_000);

test("a page of another origin reports by a beacon with a JSON body", async ({ browser, request, stack }) => {
  const api = await Api.of(browser, stack, stack.owner_email);
  const id = fresh("beacon");
  const shop = await serveShop();
  // The crowd takes part too, but nobody else converts so.
  await api.create(id, { goal: id });
  await api.start(id);
  const draft = { name: id, environment: "production", kind: "client", origins: [shop.origin] };
  const made = await api.post<{ key: string; sdk_key: { id: string } }>("/api/v1/sdk-keys", draft);
  const unit = fresh("buyer");
  let variant = "";
  await expect(async () => {
    const asked = await request.post(new URL(`/__nexus/ofrep/v1/evaluate/flags/${id}`, stack.gateway_url).href, {
      headers: { "x-api-key": made.key },
      data: { context: { targetingKey: unit } },
    });
    expect(asked.status()).toBe(200);
    variant = ((await asked.json()) as { value: string }).value;
  }).toPass({ timeout: 20_000 });

  const page = await (await browser.newContext()).newPage();
  await page.goto(`${shop.origin}/`);
  const events = [
    { type: "exposure", id: randomUUID(), experiment: id, variant, unit },
    { id: randomUUID(), metric: id, unit },
  ];
  const url = new URL(`/__nexus/events?key=${made.key}`, stack.gateway_url).href;
  const isSent = await page.evaluate(
    ([url, body]) => navigator.sendBeacon(url, new Blob([body], { type: "application/json" })),
    [url, JSON.stringify({ events })] as const,
  );
  expect(isSent).toBe(true);
  const conversions = async () => {
    const { results } = await api.detail(id);
    return results.variants.reduce((sum, one) => sum + one.conversions, 0);
  };
  await expect.poll(conversions, { timeout: 15_000 }).toBe(1);
  await page.context().close();
  shop.close();
  await api.stop(id);
  await api.post(`/api/v1/sdk-keys/${made.sdk_key.id}/revoke`);
});
