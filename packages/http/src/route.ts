import { type ProblemKind, problemKinds, problems, type Scope, type Static } from "@pedidos/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { TSchema } from "typebox";
import type { Tag } from "./openapi/tags.ts";
import { answerJson, isRefusal, type RefusalForm, refuse } from "./server/answer.ts";
import { type DescribedParameter, type Parameters, parameterReader, type Values } from "./server/read-parameters.ts";

/** A route as a plain value: its path, scope, documentation and handler. */
export type Route = RouteDescription & {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  /** Null if nobody needs a key. */
  readonly scope: Scope | null;
  readonly path?: Parameters | undefined;
  readonly query?: Parameters | undefined;
  /** Left out where refusals are problem documents. */
  readonly refusalForm?: RefusalForm;
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => FastifyReply | Promise<FastifyReply>;
};

/** For the document and the compiler alone: the domain validates bodies, and answers are written as they are. */
type RouteDescription<Responses = Readonly<Record<number, Answer>>> = {
  /** A stable name, by which generated clients call it. */
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly Tag[];
  readonly headers?: Readonly<Record<string, DescribedParameter>>;
  /** Required, unless it says otherwise. */
  readonly body?: Content & { readonly required?: boolean };
  readonly response: Responses;
  /** Statuses of refusals, beside those that any request may get. */
  readonly refusals?: readonly number[];
};

export type Content = { readonly content: Readonly<Record<string, { readonly schema: object }>> };
type Answer = Partial<Content> & { readonly description: string };
export type JsonAnswer<Schema extends TSchema> = {
  readonly description: string;
  readonly content: { readonly "application/json": { readonly schema: Schema } };
};

/** A JSON answer of a schema. */
export function json<Schema extends TSchema>(description: string, schema: Schema): JsonAnswer<Schema> {
  return { description, content: { "application/json": { schema } } };
}

/** → the titles of the problems that have a status. */
export function titlesOf(status: number): string {
  return `${kindsOf(status)
    .map((kind) => problems[kind][1])
    .join("; ")}.`;
}

/** → the kinds of problems that have a status. */
export function kindsOf(status: number): readonly ProblemKind[] {
  return problemKinds.filter((kind) => problems[kind][0] === status);
}

/** Whether machines poll it; they must not be refused. */
export function isPolled({ url }: Pick<Route, "url">): boolean {
  return url.startsWith("/health/");
}

/** Answers with what the route declares for the status; another shape, or another status, does not compile. */
export type AnswerJson<Responses> = <Status extends keyof Responses & number>(
  reply: FastifyReply,
  status: Status,
  value: Responses[Status] extends JsonAnswer<infer Schema> ? Static<Schema> : never,
) => FastifyReply;

type TypedRoute<Responses, Path, Query> = Omit<Route, "method" | "url" | "path" | "query" | "response" | "handle"> & {
  readonly path?: Path;
  readonly query?: Query;
  readonly response: Responses;
  readonly handle: (
    request: FastifyRequest,
    reply: FastifyReply,
    answerJson: AnswerJson<Responses>,
    parameters: Values<Path, Query>,
  ) => FastifyReply | Promise<FastifyReply>;
};

/**
 * A route that is handed its parameters, read, and whose JSON answers the compiler holds to the schemas that its `response`
 * declares. It refuses parameters that it cannot read.
 */
export function route<
  const Responses extends Readonly<Record<number, Answer>>,
  Path extends Parameters = Record<never, never>,
  Query extends Parameters = Record<never, never>,
>(method: Route["method"], url: string, { handle, ...declared }: TypedRoute<Responses, Path, Query>): Route {
  const read = parameterReader(declared.path, declared.query);
  return {
    ...declared,
    method,
    url,
    handle(request, reply) {
      const parameters = read(request);
      return isRefusal(parameters) ? refuse(reply, parameters) : handle(request, reply, answerJson, parameters);
    },
  };
}
