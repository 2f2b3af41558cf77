import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { openClient } from "../open-client.ts";
import { deliverByHttp } from "./deliver-by-http.ts";

test("of a batch with more faults than an answer lists, each is found", async () => {
  const api = createServer(async (request, response) => {
    const ids = (await text(request)).trimEnd().split("\n").map(Number);
    const bad = ids.filter((id) => id % 3 === 0);
    const listed = bad
      .slice(0, 2)
      .map((id) => ({ line: ids.indexOf(id) + 1, errors: [{ pointer: "", detail: "no" }] }));
    response.end(JSON.stringify({ accepted: ids.length - bad.length, rejected: bad.length, errors: listed }));
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  try {
    const address = api.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const deliver = deliverByHttp(openClient({ url: `http://127.0.0.1:${port}`, waits: false }));
    const orders = Array.from({ length: 20 }, (_, index) => ({
      ...{ line: index + 101, original: null, orderId: index + 1, body: `${index + 1}` },
    }));
    const { accepted, rejected } = await deliver(orders);
    expect([accepted, rejected.map(({ line, orderId }) => [line, orderId])]).toEqual([
      14,
      [3, 6, 9, 12, 15, 18].map((id) => [id + 100, id]),
    ]);
  } finally {
    api.closeAllConnections();
    api.close();
  }
});
