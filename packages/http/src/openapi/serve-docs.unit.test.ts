import { RecordedOrder } from "@pedidos/contract";
import Fastify, { type FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { json, type Route } from "../route.ts";
import type { Parameter } from "../server/read-parameters.ts";
import { serveDocs } from "./serve-docs.ts";

const parameter = (type: string): Parameter<string> => ({ schema: { type }, expected: "any", parse: (text) => text });
const read: Route = {
  method: "GET",
  url: "/v1/orders/:orderId",
  scope: "orders:read",
  path: { orderId: { ...parameter("integer"), description: "Its id." } },
  query: { full: parameter("boolean") },
  operationId: "readOrder",
  summary: "Read an order",
  tags: ["Orders"],
  response: { 200: json("The order.", RecordedOrder) },
  handle: (_request, reply) => reply.send(),
};
const replace: Route = {
  ...read,
  operationId: "replaceOrder",
  method: "PUT",
  scope: null,
  body: { content: { "application/json": { schema: { type: "object" } } } },
};

let app: FastifyInstance;
const observed: string[] = [];
beforeAll(() => {
  app = Fastify();
  app.decorate("stopping", { getter: () => new AbortController().signal });
  serveDocs(
    app,
    { routes: [read, replace], isOpen: (scope) => scope === "orders:read", basePath: "" },
    (route) => () => void observed.push(route),
  );
});
afterAll(() => app.close());

const problem = {
  content: {
    "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" }, examples: expect.any(Object) },
  },
};

test("the document names each route's parameters, body, answers and whether a key is needed", async () => {
  const { headers, json: body } = await app.inject("/openapi.json");
  expect(headers["content-type"]).toBe("application/json; charset=utf-8");
  expect(body().paths).toEqual({
    "/v1/orders/{orderId}": {
      get: {
        operationId: "readOrder",
        summary: "Read an order",
        tags: ["Orders"],
        parameters: [
          { in: "query", name: "full", required: false, schema: { type: "boolean" } },
          { in: "path", name: "orderId", required: true, description: "Its id.", schema: { type: "integer" } },
        ],
        security: [{ bearer: ["orders:read"] }, {}],
        responses: {
          200: {
            description: "The order.",
            content: {
              "application/json": {
                schema: { $ref: "#/components/schemas/RecordedOrder" },
                example: expect.objectContaining({ orderId: 1001 }),
              },
            },
          },
          400: { ...problem, description: expect.stringContaining("A parameter is not valid") },
          401: { ...problem, description: "A bearer key is needed." },
          403: { ...problem, description: "The key does not allow this; Another site may not do this." },
          421: { ...problem, description: "This host is not served here." },
          429: { ...problem, description: "Too much at once." },
        },
      },
      put: expect.objectContaining({
        security: [],
        requestBody: { required: true, content: { "application/json": { schema: { type: "object" } } } },
      }),
    },
  });
});

test("every schema that a schema refers to is among the shared ones", async () => {
  const { body, json: document } = await app.inject("/openapi.json");
  const names = [...body.matchAll(/"\$ref":"([^"]*)"/g)].map(([, reference]) => reference);
  expect(names.length).toBeGreaterThan(5);
  const known = Object.keys(document().components.schemas).map((name) => `#/components/schemas/${name}`);
  for (const name of names) expect(known).toContain(name);
});

test.each(["/docs", "/docs/"])("%s allows nothing inline, and its links lead to its files", async (path) => {
  const { statusCode, headers, body } = await app.inject(path);
  expect([statusCode, headers["content-type"], headers["cache-control"]]).toEqual([
    200,
    "text/html; charset=utf-8",
    "no-cache",
  ]);
  const policy = String(headers["content-security-policy"]);
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
  const links = [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, link = ""]) => link);
  expect(links).toHaveLength(5);
  for (const link of links) {
    const { pathname } = new URL(link, `http://localhost${path}`);
    expect([link, (await app.inject(pathname)).statusCode]).toEqual([link, 200]);
    expect([link, (await app.inject({ method: "HEAD", url: pathname })).statusCode]).toEqual([link, 200]);
  }
  expect(new Set(observed)).toEqual(new Set(["/docs", "/openapi.json"]));
});

test("what goes over the broker is described too", async () => {
  const { statusCode, headers, json: document } = await app.inject("/docs/asyncapi.json");
  expect([statusCode, headers["content-type"]]).toEqual([200, "application/json; charset=utf-8"]);
  expect(Object.keys(document().channels)).toEqual(["submitted", "intake", "pedidos", "recorded", "rejected"]);
});

test("files have their types, and are not sent again until they change", async () => {
  const type = async (name: string) => (await app.inject(`/docs/static/${name}`)).headers["content-type"];
  expect(await type("swagger-ui.css")).toBe("text/css; charset=utf-8");
  expect(await type("swagger-ui-bundle.js")).toBe("text/javascript; charset=utf-8");
  expect(await type("favicon-32x32.png")).toBe("image/png");
  const { headers } = await app.inject("/docs/static/swagger-ui.css");
  expect(headers["cache-control"]).toBe("no-cache");
  const again = { "if-none-match": String(headers.etag) };
  expect(await app.inject({ url: "/docs/static/swagger-ui.css", headers: again })).toMatchObject({
    statusCode: 304,
    body: "",
  });
});

test("nothing else is served", async () => {
  for (const path of ["", "package.json", "index.html", "../package.json", "%2e%2e/package.json", "..%2fpackage.json"])
    expect([path, (await app.inject(`/docs/static/${path}`)).statusCode]).toEqual([path, 404]);
});
