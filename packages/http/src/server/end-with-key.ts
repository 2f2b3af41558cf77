import type { Scope } from "@pedidos/contract";
import type { FastifyReply } from "fastify";
import type { Access } from "../access/open-access.ts";

declare module "fastify" {
  interface FastifyInstance {
    readonly access: Pick<Access, "check" | "sessions" | "admissions">;
  }
  interface FastifyContextConfig {
    /** What a route needs; null or left out: nothing. */
    readonly scope?: Scope | null;
  }
}

/** → aborted once a request that takes long has lost the scope of its route: its key or session counts no more. */
export function lostAdmission({ request, server, raw }: FastifyReply): AbortSignal {
  const { access } = server;
  const { session, headers } = request;
  const { scope } = request.routeOptions.config;
  const isAdmitted = () => {
    const counts = session === null || access.sessions.isOpen(session);
    return !scope || access.check(scope, counts ? headers.authorization : undefined) === "allowed";
  };
  return access.admissions.watch(isAdmitted, raw);
}

/** Breaks the connection of such a request; no client takes that for the end of a list. */
export function endWithKey(reply: FastifyReply): void {
  lostAdmission(reply).addEventListener("abort", () => reply.raw.destroy());
}
