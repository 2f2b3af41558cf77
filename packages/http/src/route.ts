import type { FastifyReply, FastifyRequest } from "fastify";
import type { Scope } from "./access/scopes.ts";

/** A route as a plain value: what it answers to, who may use it, how it is documented, what it does. */
export type Route = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  /** Null where nobody needs a key. */
  readonly scope: Scope | null;
  /** For the document alone: the domain validates, and answers are written as they are. */
  readonly schema: RouteSchema;
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>;
};

export type RouteSchema = {
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly params?: Parameters;
  readonly querystring?: Parameters;
  readonly headers?: Parameters;
  readonly body?: Content;
  readonly response: Readonly<Record<number, Answer>>;
};

/** What `Type.Object` makes of them. */
export type Parameters = {
  readonly properties: Readonly<Record<string, object>>;
  /** Left out where none is. */
  readonly required?: readonly string[] | undefined;
};

type Content = { readonly content: Readonly<Record<string, { readonly schema: object }>> };
export type Answer = Partial<Content> & { readonly description: string };
