import type { IncomingMessage } from "node:http";

declare module "fastify" {
  interface FastifyRequest {
    /** The path under which a proxy shows the API; "" at its root. Links that are answered begin with it. */
    readonly basePath: string;
  }
}

/** Takes the prefix off the URLs that have it. Others stay: a proxy may have taken it off, and health is asked directly. */
export function withoutPrefix(prefix: string): (request: IncomingMessage) => string {
  return ({ url = "/" }) => {
    const rest = url.startsWith(prefix) ? url.slice(prefix.length) : undefined;
    if (rest === undefined || !/^($|[/?])/.test(rest)) return url;
    return rest.startsWith("/") ? rest : `/${rest}`;
  };
}
