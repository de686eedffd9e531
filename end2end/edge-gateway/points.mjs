// A stand-in for an Analytics Engine dataset that tells what was written to it.

import { serve } from "./support.mjs";

const SCRIPT = `
export default function (env) {
  return { writeDataPoint: (point) => void fetch(env.COLLECTOR, { method: "POST", body: JSON.stringify(point) }) };
}`;

export async function collector() {
  const all = [];
  const server = await serve(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    all.push(JSON.parse(body));
    response.end();
  });
  const dataset = { name: "dataset", modules: [{ type: "ESModule", path: "dataset.js", contents: SCRIPT }] };
  return { ...server, all, dataset };
}
