import type {} from "@fastify/swagger";
import type { FastifyReply, FastifyRequest, FastifySchema } from "fastify";
import type { Scope } from "../access/scopes.ts";

/** A route as a plain value: what it answers to, who may use it, how it is documented, what it does. */
export type Route = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  /** Null where nobody needs a key. */
  readonly scope: Scope | null;
  readonly schema: FastifySchema;
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>;
};
