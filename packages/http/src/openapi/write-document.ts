import * as contract from "@pedidos/contract";
import Fastify from "fastify";
import { type Content, isPolled, kindsOf, type Route, titlesOf } from "../route.ts";
import { PROBLEM_FORM, refusal } from "../server/answer.ts";
import type { DescribedParameter } from "../server/read-parameters.ts";
import { withoutCompilers } from "../server/without-compilers.ts";
import { exampleOf } from "./example-of.ts";
import { tags } from "./tags.ts";

const ABOUT = {
  openapi: "3.1.0",
  info: {
    title: "Orders",
    version: "1",
    description:
      "Takes orders in over HTTP or RabbitMQ and records each exactly once, with its exact total. Errors of v1 are problem documents (RFC 9457).",
    license: { name: "Apache-2.0", url: "https://www.apache.org/licenses/LICENSE-2.0" },
  },
  tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
  components: {
    securitySchemes: {
      bearer: {
        type: "http",
        scheme: "bearer",
        description:
          "A key that has the operation's scope. If an operation lists an empty alternative, it needs no key.",
      },
    },
  },
} as const;

export type Documented = {
  readonly routes: readonly Route[];
  /** Whether this server lets anybody use a scope. */
  readonly isOpen: (scope: contract.Scope) => boolean;
  /** The path under which a proxy shows the API; "" at its root. */
  readonly basePath: string;
};

/**
 * → the OpenAPI document of these routes, as a JSON value. `@fastify/swagger` collects it from a server that never
 * listens, so that it is loaded, and sees a route, only where somebody asks.
 */
export async function writeDocument({ routes, isOpen, basePath }: Documented): Promise<object> {
  const app = Fastify(withoutCompilers);
  for (const schema of Object.values(contract))
    if (typeof schema === "object" && "$id" in schema) app.addSchema(referWithin(schema));
  await app.register(import("@fastify/swagger"), {
    openapi: { ...ABOUT, servers: [{ url: basePath || "/" }] },
    transformObject(document) {
      if (!("openapiObject" in document)) return document.swaggerObject;
      const { paths } = document.openapiObject;
      for (const route of routes) completeBody(route, paths?.[route.url.replaceAll(/:(\w+)/g, "{$1}")]);
      return document.openapiObject;
    },
    refResolver: {
      buildLocalReference: (schema, _base, _fragment, index) => String(schema.$id ?? `schema-${index}`),
    },
  });
  for (const route of routes)
    app.route({
      method: route.method,
      url: route.url,
      // Not as its schema: Fastify would compile that.
      config: { swaggerTransform: () => ({ url: route.url, schema: referWithin(describeRoute(route, isOpen)) }) },
      handler: (_request, reply) => reply.send(),
    });
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}

function describeRoute(route: Route, isOpen: Documented["isOpen"]) {
  const { operationId, summary, description, tags, scope, path, query, headers, body, response } = route;
  return {
    operationId,
    summary,
    tags,
    security: scope === null ? [] : [{ bearer: [scope] }, ...(isOpen(scope) ? [{}] : [])],
    response: {
      ...describeRefusals(route),
      ...Object.fromEntries(Object.entries(response).map(([status, answer]) => [status, describeContent(answer)])),
    },
    ...(description !== undefined && { description }),
    ...(path && { params: describeParameters(path, Object.keys(path)) }),
    ...(query && { querystring: describeParameters(query) }),
    ...(headers && { headers: describeParameters(headers) }),
    ...(body && { body: describeContent({ content: body.content }) }),
  };
}

/** Every body was taken for a required one, and its example left out. */
function completeBody({ method, body }: Route, written: WrittenPath | undefined): void {
  const requestBody = written?.[METHODS[method]]?.requestBody;
  if (body === undefined || requestBody === undefined) return;
  requestBody.required = body.required ?? true;
  for (const [type, { schema }] of Object.entries(body.content)) {
    const media = requestBody.content?.[type];
    if (media !== undefined) media.example = exampleOf(schema);
  }
}

const METHODS = { GET: "get", POST: "post", PUT: "put", DELETE: "delete" } as const;
/** The part of an OpenAPI path that this changes. */
type WrittenPath = Partial<Record<(typeof METHODS)[Route["method"]], { requestBody?: WrittenBody | undefined }>>;
type WrittenBody = { $ref?: string; required?: boolean; content?: Record<string, { example?: unknown }> };

/** Without it an answer without a body would be one of JSON. */
const NOTHING = { type: "null" };

/** Adds the example of each schema. */
function describeContent<Of extends Partial<Content>>({ content, ...rest }: Of) {
  if (content === undefined) return { ...rest, ...NOTHING };
  const media = Object.entries(content).map(([type, { schema }]) => [type, { schema, example: exampleOf(schema) }]);
  return { ...rest, content: Object.fromEntries(media) };
}

function describeParameters(parameters: Readonly<Record<string, DescribedParameter>>, required: string[] = []) {
  const properties = Object.entries(parameters).map(([name, { schema, description, example }]) => {
    const examples = example === undefined ? undefined : [example];
    return [name, { ...schema, ...(description !== undefined && { description }), ...(examples && { examples }) }];
  });
  return { type: "object", properties: Object.fromEntries(properties), required };
}

/**
 * Each says what kinds of problems have its status. Any request may be malformed; what is not polled may also be sent to
 * another host, or be over the rate limit.
 */
function describeRefusals({ refusalForm: { type, schema, write } = PROBLEM_FORM, ...route }: Route) {
  const [media = ""] = type.split(";");
  const statuses = [
    400,
    ...(isPolled(route) ? [] : [421, 429]),
    ...(route.scope ? [401, 403] : []),
    ...(route.refusals ?? []),
  ];
  return Object.fromEntries(
    statuses.map((status) => {
      const examples = kindsOf(status).map((kind) => [
        kind,
        { value: JSON.parse(write(refusal(kind, `${contract.problems[kind][1]}.`))) },
      ]);
      const content = { [media]: { schema, examples: Object.fromEntries(examples) } };
      return [status, { description: titlesOf(status), content }];
    }),
  );
}

/** → a copy of what holds schemas, in which those that have a name (`$id`) are referred to by it. */
function referWithin(schema: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, refer(value)]));
}

function refer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(refer);
  if (typeof value !== "object" || value === null) return value;
  return "$id" in value ? { $ref: `${value.$id}#` } : referWithin(value);
}
