import { BatchResult } from "@pedidos/contract";
import type { Client } from "../open-client.ts";
import { type Deliver, ndjsonOf } from "./gather-chunks.ts";

/** Delivers by `POST /v1/orders/batch`. */
export function deliverByHttp(client: Client): Deliver {
  return async (orders) => {
    const { accepted, errors } = await client.read(BatchResult, {
      method: "POST",
      path: "/v1/orders/batch",
      contentType: "application/x-ndjson",
      body: ndjsonOf(orders),
    });
    const rejected = errors.flatMap(({ line: place, errors: faults }) => {
      const sent = orders[place - 1];
      if (sent === undefined) return [];
      const { line, original, order } = sent;
      return [{ kind: "rejected" as const, line, original, orderId: order.orderId, faults }];
    });
    return { accepted, rejected };
  };
}
