import type { FastifyReply, FastifyRequest } from "fastify";
import { addressOf } from "../access/address-of.ts";
import { networkOf } from "../access/network-of.ts";

/** Whose a request is, and whether nobody waits for its answer any more. */
export type Client = { readonly caller: string; readonly isGone: () => boolean };

export function clientOf({ request, raw }: FastifyReply): Client {
  return { caller: callerOf(request), isGone: () => raw.destroyed };
}

/** → the caller of a request, for limits: the name of its key, or its address if it has none. */
export function callerOf(request: Pick<FastifyRequest, "actor" | "ip" | "socket">): string {
  return request.actor === null ? `address ${networkOf(addressOf(request) ?? "")}` : `key ${request.actor}`;
}
