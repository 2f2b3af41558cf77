import { exampleListed, ListedOrder, OrderPage } from "@pedidos/contract";
import type { OrderFilter } from "@pedidos/persistence";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Store } from "../open-store.ts";
import { type AnswerJson, json, route } from "../route.ts";
import { refusal, refuse } from "../server/answer.ts";
import { type CursorKind, pageOf, writeCursor } from "../server/cursor.ts";
import type { FairLimit } from "../server/fair-queue.ts";
import { takePlace } from "../server/limit-requests.ts";
import { negotiate } from "../server/negotiate.ts";
import { choice, DEFAULT_LIMIT, ID, INSTANT, type Values } from "../server/read-parameters.ts";
import { readFairly, streamPages } from "../server/stream-pages.ts";
import { csvRow } from "./write-csv.ts";

type Listing = { readonly store: Pick<Store, "listOrders" | "walkOrders">; readonly exportLimit: FairLimit };

/** `GET /v1/orders`: every order, newest recorded first. */
export function listAllOrders(listing: Listing) {
  return route("GET", "/v1/orders", {
    scope: "orders:read",
    query: queryOf("orders"),
    operationId: "listOrders",
    summary: "List all orders",
    tags: ["Orders"],
    ...listDescription,
    handle: (request, reply, answerJson, parameters) =>
      answerList({ ...listing, answerJson }, request, reply, "orders", parameters),
  });
}

/** `GET /v1/customers/{customerId}/orders`: those of one customer; an unknown one has none. */
export function listCustomerOrders(listing: Listing) {
  return route("GET", "/v1/customers/:customerId/orders", {
    scope: "orders:read",
    path: { customerId: ID },
    query: queryOf("customer"),
    operationId: "listCustomerOrders",
    summary: "List a customer's orders",
    tags: ["Customers"],
    ...listDescription,
    handle: (request, reply, answerJson, parameters) =>
      answerList({ ...listing, answerJson }, request, reply, "customer", parameters),
  });
}

const CSV_HEADER = Object.keys(ListedOrder.properties);
const FORMATS = { json: "application/json", csv: "text/csv", ndjson: "application/x-ndjson" } as const;

const queryOf = (kind: CursorKind) => ({
  ...pageOf(kind),
  from: { ...INSTANT, description: "Recorded at this time or later." },
  to: { ...INSTANT, description: "Recorded before this time." },
  format: {
    ...choice(["json", "csv", "ndjson"], "The type of the answer, over Accept: for links."),
    expected: "json, csv or ndjson",
  },
});

const listDescription = {
  description:
    "Newest recorded first. Pages of JSON; with Accept: text/csv or application/x-ndjson (an order a line) the whole list is streamed, and limit and cursor are ignored.",
  response: {
    200: {
      description: "A page, or the whole list.",
      content: {
        ...json("", OrderPage).content,
        [FORMATS.csv]: {
          schema: { type: "string", examples: [csvRow(CSV_HEADER) + writeRow(exampleListed)] },
        },
        [FORMATS.ndjson]: { schema: ListedOrder },
      },
    },
  },
  refusals: [406, 429, 503],
};

async function answerList(
  { store, exportLimit, answerJson }: Listing & { readonly answerJson: AnswerJson<typeof listDescription.response> },
  request: FastifyRequest,
  reply: FastifyReply,
  kind: CursorKind,
  { limit = DEFAULT_LIMIT, cursor, format, ...filter }: OrderFilter & Values<object, ReturnType<typeof queryOf>>,
): Promise<FastifyReply> {
  reply.header("vary", "accept, origin");
  const { json, csv, ndjson } = FORMATS;
  const type = format === undefined ? negotiate(request.headers.accept, [json, csv, ndjson]) : FORMATS[format];
  if (type === null)
    return refuse(reply, refusal("not_acceptable", `Only ${json}, ${csv} and ${ndjson} can be given.`));
  if (type === json) {
    const after = cursor === undefined ? {} : { after: { recordedAt: cursor.time, seq: cursor.number } };
    const { orders, next } = await store.listOrders({ ...filter, ...after, limit });
    const nextCursor = next === null ? null : writeCursor(kind, { time: next.recordedAt, number: next.seq });
    return answerJson(reply, 200, { orders, nextCursor });
  }
  const refused = takePlace(reply, "exports");
  if (refused !== null) return refuse(reply, refused);
  reply.header("content-disposition", `attachment; filename="orders.${type === csv ? "csv" : "ndjson"}"`);
  const pages = readFairly(exportLimit, reply, store.walkOrders(filter));
  if (type === ndjson)
    return await streamPages(reply.type(type), pages, (page) => page.map(writeLine).join(""), { compressed: true });
  const head = csvRow(CSV_HEADER);
  reply.type(`${csv}; charset=utf-8; header=present`);
  return await streamPages(reply, pages, (page) => page.map(writeRow).join(""), { head, compressed: true });
}

function writeLine(order: ListedOrder): string {
  return `${JSON.stringify(order)}\n`;
}

function writeRow(order: ListedOrder): string {
  const cells: Readonly<Record<string, string | number | null>> = order;
  return csvRow(CSV_HEADER.map((name) => cells[name] ?? null));
}
