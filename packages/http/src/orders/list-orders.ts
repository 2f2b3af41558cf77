import { ListedOrder, OrderPage } from "@pedidos/contract";
import { readInstant } from "@pedidos/domain";
import type { OrderFilter } from "@pedidos/persistence";
import type { FastifyReply, FastifyRequest } from "fastify";
import * as Type from "typebox";
import type { Store } from "../open-store.ts";
import { idParameter, json, pageParameters, periodParameters, problemAnswers } from "../openapi/describe.ts";
import { type AnswerJson, type Route, type RouteSchema, route } from "../route.ts";
import { refuseWithProblem } from "../server/answer.ts";
import { type CursorKind, cursorOf, writeCursor } from "../server/cursor.ts";
import type { Limiter } from "../server/limit-requests.ts";
import { negotiate } from "../server/negotiate.ts";
import { refusal } from "../server/problem.ts";
import { type Parameter, readPathId, readQuery } from "../server/read-parameters.ts";
import { streamPages } from "../server/stream-pages.ts";
import { csvRow } from "./write-csv.ts";

type Reads = Pick<Store, "listOrders" | "walkOrders">;

/** `GET /v1/orders`: every order, newest recorded first. */
export function listAllOrders(reads: Reads, exports: Limiter): Route {
  return route({
    method: "GET",
    url: "/v1/orders",
    scope: "orders:read",
    schema: { ...listSchema, summary: "List all orders", tags: ["Orders"] },
    handle: (request, reply, answerJson) => answerList({ ...reads, exports, answerJson }, request, reply, "orders", {}),
  });
}

/** `GET /v1/customers/{customerId}/orders`: those of one customer; an unknown one has none. */
export function listCustomerOrders(reads: Reads, exports: Limiter): Route {
  return route({
    method: "GET",
    url: "/v1/customers/:customerId/orders",
    scope: "orders:read",
    schema: {
      ...listSchema,
      summary: "List a customer's orders",
      tags: ["Customers"],
      params: idParameter("customerId"),
    },
    handle(request, reply, answerJson) {
      const id = readPathId(request.params, "customerId");
      if (id.kind === "refused") return refuseWithProblem(reply, id.refusal);
      const whose = { customerId: id.value };
      return answerList({ ...reads, exports, answerJson }, request, reply, "customer", whose);
    },
  });
}

const DEFAULT_LIMIT = 50;
const CSV_HEADER = Type.KeyOf(ListedOrder).anyOf.map(({ const: name }) => name);
const [JSON_TYPE, CSV_TYPE, NDJSON_TYPE] = ["application/json", "text/csv", "application/x-ndjson"] as const;

export const LIMIT: Parameter<number> = {
  parse: (text) => (/^(1?[1-9]?[0-9]|1[0-9]{2}|200)$/.test(text) && Number(text) > 0 ? Number(text) : undefined),
  expected: "an integer from 1 to 200",
};
const INSTANT: Parameter<string> = {
  parse: (text) => readInstant(text) ?? undefined,
  expected: "an RFC 3339 time (a + in it is written %2B in a URL)",
};

/** For links, which can't say what they accept. */
const FORMAT: Parameter<typeof JSON_TYPE | typeof CSV_TYPE | typeof NDJSON_TYPE> = {
  parse: (text) =>
    text === "json" ? JSON_TYPE : text === "csv" ? CSV_TYPE : text === "ndjson" ? NDJSON_TYPE : undefined,
  expected: "json, csv or ndjson",
};

type ListParts = Reads & {
  readonly exports: Limiter;
  readonly answerJson: AnswerJson<typeof listSchema.response>;
};

async function answerList(
  { listOrders, walkOrders, exports, answerJson }: ListParts,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: CursorKind,
  whose: Pick<OrderFilter, "customerId">,
): Promise<FastifyReply> {
  reply.header("vary", "accept");
  const query = readQuery(request.query, {
    limit: LIMIT,
    cursor: cursorOf(kind),
    from: INSTANT,
    to: INSTANT,
    format: FORMAT,
  });
  if (query.kind === "refused") return refuseWithProblem(reply, query.refusal);
  const type = query.value.format ?? negotiate(request.headers.accept, [JSON_TYPE, CSV_TYPE, NDJSON_TYPE]);
  if (type === null)
    return refuseWithProblem(
      reply,
      refusal("not_acceptable", `Only ${JSON_TYPE}, ${CSV_TYPE} and ${NDJSON_TYPE} can be given.`),
    );
  const { limit = DEFAULT_LIMIT, cursor, from, to } = query.value;
  const filter: OrderFilter = {
    ...whose,
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
  if (type === JSON_TYPE) {
    const after = cursor === undefined ? {} : { after: { recordedAt: cursor.time, seq: cursor.number } };
    const { orders, next } = await listOrders({ ...filter, ...after, limit });
    const nextCursor = next === null ? null : writeCursor(kind, { time: next.recordedAt, number: next.seq });
    return answerJson(reply, 200, { orders, nextCursor });
  }
  const refused = exports.acquire(reply);
  if (refused !== null) return refuseWithProblem(reply, refused);
  reply.header("content-disposition", `attachment; filename="orders.${type === CSV_TYPE ? "csv" : "ndjson"}"`);
  if (type === NDJSON_TYPE) {
    return await streamPages(reply.type(NDJSON_TYPE), walkOrders(filter), (page) => page.map(writeLine).join(""));
  }
  const head = csvRow(CSV_HEADER);
  reply.type(`${CSV_TYPE}; charset=utf-8; header=present`);
  return await streamPages(reply, walkOrders(filter), (page) => page.map(writeRow).join(""), { head, tail: "" });
}

function writeLine(order: ListedOrder): string {
  return `${JSON.stringify(order)}\n`;
}

function writeRow(order: ListedOrder): string {
  return csvRow(CSV_HEADER.map((name) => order[name]));
}

const formatParameter = Type.Optional(
  Type.Union(
    ["json", "csv", "ndjson"].map((format) => Type.Literal(format)),
    { description: "What to answer with, whatever Accept says: for links." },
  ),
);

const listSchema = {
  description:
    "Newest recorded first. Pages of JSON; with Accept: text/csv or application/x-ndjson the whole list is streamed, whatever limit and cursor say.",
  querystring: Type.Object({ ...pageParameters, ...periodParameters, format: formatParameter }),
  response: {
    200: {
      description: "A page, or the whole list.",
      content: {
        ...json("", OrderPage).content,
        [CSV_TYPE]: { schema: { type: "string", examples: [csvRow(CSV_HEADER)] } },
        [NDJSON_TYPE]: { schema: { type: "string", description: "One order of a page a line." } },
      },
    },
    ...problemAnswers(400, 401, 403, 406, 429, 503),
  },
} satisfies Omit<RouteSchema, "summary" | "tags">;
