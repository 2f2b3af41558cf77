import { acceptOrder, type Submitting } from "@pedidos/intake";
import type { FastifyReply } from "fastify";
import { callerOf } from "../server/identify-caller.ts";
import type { ReceivedOrder } from "./receive-order.ts";

/**
 * Makes an order durable, then waits for its outcome while its client does, if its caller may have one more wait.
 *
 * @param waitMs 0 for not at all
 */
export function acceptReceived(
  submitting: Submitting,
  reply: FastifyReply,
  { order, body }: ReceivedOrder,
  waitMs: number,
): ReturnType<typeof acceptOrder> {
  const { request, raw, server } = reply;
  const incoming = { body, source: "http", traceparent: request.span?.traceparent } as const;
  const isGone = () => raw.destroyed;
  if (waitMs === 0) return acceptOrder(submitting, order, incoming, { waitMs, isGone });
  const place = server.leaseOf("waits", callerOf(request));
  const waiting = { waitMs: place.resize(1) ? waitMs : 0, isGone };
  return acceptOrder(submitting, order, incoming, waiting).finally(place.release);
}
