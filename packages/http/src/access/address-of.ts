import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";

/**
 * → the address that a request came from; behind a proxy that is trusted, what that calls the client, if it is an address.
 * An IPv4 address is written as such, also on a socket that takes IPv6 as well. Null for a request without a connection.
 */
export function addressOf({ ip, socket }: Pick<FastifyRequest, "ip" | "socket">): string | null {
  const address = isIP(ip ?? "") > 0 ? ip : socket.remoteAddress;
  return address?.replace(/^::ffff:(?=\d+\.)/i, "") ?? null;
}
