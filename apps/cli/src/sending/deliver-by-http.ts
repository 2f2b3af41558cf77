import { BatchResult } from "@pedidos/contract";
import type { Client } from "../open-client.ts";
import type { Deliver } from "./deliver.ts";
import { ndjsonOf } from "./gather-chunks.ts";

/** By `POST /v1/orders/batch`. */
export function deliverByHttp(client: Client): Deliver {
  return async ({ orders }) => {
    const { accepted, errors } = await client.read(BatchResult, {
      method: "POST",
      path: "/v1/orders/batch",
      contentType: "application/x-ndjson",
      body: ndjsonOf({ orders }),
    });
    const rejected = errors.flatMap(({ line, errors: faults }) => {
      const sent = orders[line - 1];
      if (sent === undefined) return [];
      const { line: at, original, order } = sent;
      return [{ kind: "rejected" as const, line: at, original, orderId: order.orderId, errors: faults }];
    });
    return { accepted, rejected };
  };
}
