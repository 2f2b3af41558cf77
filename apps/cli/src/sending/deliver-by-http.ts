import { BatchResult } from "@pedidos/contract";
import type { Client } from "../open-client.ts";
import { type Deliver, type Delivered, ndjsonOf, type Sendable } from "./gather-chunks.ts";

/** Delivers by `POST /v1/orders/batch`. */
export function deliverByHttp(client: Client): Deliver {
  return async function deliver(orders: readonly Sendable[]): Promise<Delivered> {
    const result = await client.read(BatchResult, {
      method: "POST",
      path: "/v1/orders/batch",
      contentType: "application/x-ndjson",
      body: ndjsonOf(orders),
    });
    // An answer lists a limited number of faults; parts of the batch, sent again, get all of theirs.
    if (result.rejected > result.errors.length && orders.length > 1) {
      const middle = orders.length >> 1;
      const [former, latter] = [await deliver(orders.slice(0, middle)), await deliver(orders.slice(middle))];
      return { accepted: former.accepted + latter.accepted, rejected: [...former.rejected, ...latter.rejected] };
    }
    const rejected = result.errors.flatMap(({ line: place, errors: faults }) => {
      const sent = orders[place - 1];
      if (sent === undefined) return [];
      const { line, original, orderId } = sent;
      return [{ kind: "rejected" as const, line, original, orderId, faults }];
    });
    return { accepted: result.accepted, rejected };
  };
}
