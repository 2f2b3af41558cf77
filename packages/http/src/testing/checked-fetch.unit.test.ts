import { expect, test } from "vitest";
import { openAnswerChecker } from "./answer-checker.ts";
import { checkedFetch } from "./checked-fetch.ts";

const Order = { type: "object", properties: { orderId: { type: "integer" } }, required: ["orderId"] };
const responses = {
  200: {
    content: {
      "application/json": { schema: { $ref: "#/components/schemas/Order" } },
      "application/x-ndjson": { schema: { anyOf: [{ $ref: "#/components/schemas/Order" }, { type: "null" }] } },
    },
  },
  204: {},
};
const check = openAnswerChecker({
  paths: { "/v1/orders/{orderId}": { get: { responses } } },
  components: { schemas: { Order, Problem: { type: "object", properties: { title: { type: "string" } } } } },
});

const JSON_TYPE = { "content-type": "application/json; charset=utf-8" };
const LINES = { "content-type": "application/x-ndjson" };

/** → what is found in an answer of the API. */
async function findingsOf(body: string | null, init: ResponseInit, path = "/v1/orders/1", isStreamed = false) {
  const headers = new Headers(init.headers);
  headers.set("x-request-id", "1");
  if (body !== null && !isStreamed) headers.set("content-length", String(body.length));
  const answer = new Response(body, { ...init, headers });
  Object.defineProperty(answer, "url", { value: `http://127.0.0.1${path}` });
  const found: string[] = [];
  const reply = await checkedFetch(async () => answer, check, found)(`http://127.0.0.1${path}`);
  expect(await reply.text()).toBe(body ?? "");
  return found;
}

test("an answer as it is described is passed on, and nothing found", async () => {
  expect(await findingsOf('{"orderId":1}', { headers: JSON_TYPE })).toEqual([]);
  expect(await findingsOf('{"orderId":1}', { headers: JSON_TYPE }, "/behind/a/proxy/v1/orders/1?full=true")).toEqual(
    [],
  );
  expect(await findingsOf('{"orderId":1}\nnull\n', { headers: LINES }, undefined, true)).toEqual([]);
  expect(await findingsOf(null, { status: 204 })).toEqual([]);
  expect(await findingsOf("<p>", { headers: { "content-type": "text/html" } }, "/docs")).toEqual([]);
  const problem = { "content-type": "application/problem+json" };
  expect(await findingsOf('{"title":"a"}', { status: 404, headers: problem }, "/nowhere")).toEqual([]);
});

test.each([
  ["another status", "{}", { status: 201, headers: JSON_TYPE }, "is not described"],
  ["another type", "{}", { headers: { "content-type": "text/plain" } }, "text/plain is not described"],
  ["a member left out", "{}", { headers: JSON_TYPE }, "required properties orderId"],
  ["a member too many", '{"orderId":1,"more":1}', { headers: JSON_TYPE }, "additional properties"],
  ["another type of a member", '{"orderId":"1"}', { headers: JSON_TYPE }, "/orderId must be integer"],
  ["no JSON", "{", { headers: JSON_TYPE }, "no JSON: {"],
  ["a body where none is described", "{}", { status: 404, headers: JSON_TYPE }, "is not described"],
])("found: %s", async (_what, body, init, finding) => {
  expect(await findingsOf(body, init)).toContainEqual(expect.stringContaining(finding));
});

test("found: a line of a stream", async () => {
  const found = await findingsOf('{"orderId":1}\n{"orderId":"2"}\n', { headers: LINES }, undefined, true);
  expect(found.join()).toContain("/orderId must be integer");
});

test("answers of other servers pass", async () => {
  const found: string[] = [];
  const answer = new Response("{}", { status: 201, headers: JSON_TYPE });
  expect(await checkedFetch(async () => answer, check, found)("http://127.0.0.1/")).toBe(answer);
  expect(found).toEqual([]);
});
