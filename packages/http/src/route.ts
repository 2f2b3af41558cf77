import type { Scope, Static } from "@pedidos/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { TSchema } from "typebox";
import { answerJson } from "./server/answer.ts";

/** A route as a plain value: what it answers to, who may use it, how it is documented, what it does. */
export type Route = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  /** Null where nobody needs a key. */
  readonly scope: Scope | null;
  /** For the document and the compiler alone: the domain validates, and answers are written as they are. */
  readonly schema: RouteSchema;
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>;
};

export type RouteSchema<Responses = Readonly<Record<number, Answer>>> = {
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly params?: Parameters;
  readonly querystring?: Parameters;
  readonly headers?: Parameters;
  readonly body?: Content;
  readonly response: Responses;
};

/** What `Type.Object` makes of them. */
export type Parameters = {
  readonly properties: Readonly<Record<string, object>>;
  /** Left out where none is. */
  readonly required?: readonly string[] | undefined;
};

type Content = { readonly content: Readonly<Record<string, { readonly schema: object }>> };
export type Answer = Partial<Content> & { readonly description: string };
export type JsonAnswer<Schema extends TSchema> = {
  readonly description: string;
  readonly content: { readonly "application/json": { readonly schema: Schema } };
};

/** Answers with what the route declares for the status; another shape, or another status, does not compile. */
export type AnswerJson<Responses> = <Status extends keyof Responses & number>(
  reply: FastifyReply,
  status: Status,
  value: Responses[Status] extends JsonAnswer<infer Schema> ? Static<Schema> : never,
) => FastifyReply;

type TypedRoute<Responses> = Omit<Route, "schema" | "handle"> & {
  readonly schema: RouteSchema<Responses>;
  readonly handle: (
    request: FastifyRequest,
    reply: FastifyReply,
    answerJson: AnswerJson<Responses>,
  ) => FastifyReply | Promise<FastifyReply>;
};

/** A route whose JSON answers the compiler holds to the schemas that its `response` declares. */
export function route<const Responses extends Readonly<Record<number, Answer>>>({
  handle,
  ...rest
}: TypedRoute<Responses>): Route {
  return { ...rest, handle: (request, reply) => handle(request, reply, answerJson) };
}
