import * as contract from "@pedidos/contract";
import Fastify from "fastify";
import { type Route, titlesOf } from "../route.ts";
import { PROBLEM_FORM } from "../server/answer.ts";
import type { DescribedParameter } from "../server/read-parameters.ts";
import { withoutCompilers } from "../server/without-compilers.ts";

/**
 * → the OpenAPI document of these routes, as a JSON value. `@fastify/swagger` collects it from a server that never
 * listens, so that it is loaded, and sees a route, only where somebody asks.
 */
export async function writeDocument(routes: readonly Route[]): Promise<object> {
  const app = Fastify(withoutCompilers);
  for (const schema of Object.values(contract))
    if (typeof schema === "object" && "$id" in schema) app.addSchema(referWithin(schema));
  await app.register(import("@fastify/swagger"), {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Orders",
        version: "1",
        description:
          "Takes orders in over HTTP or RabbitMQ and records each exactly once, with its exact total. Errors of v1 are problem documents (RFC 9457).",
      },
      tags: [...new Set(routes.flatMap(({ tags }) => tags))].map((name) => ({ name })),
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer", description: "Not needed for the scopes that are open to anyone." },
        },
      },
    },
    transformObject(document) {
      if (!("openapiObject" in document)) return document.swaggerObject;
      // Every body is taken for a required one.
      const replay = document.openapiObject.paths?.["/v1/rejections/{rejectionId}/replay"]?.post?.requestBody;
      if (replay !== undefined && "required" in replay) replay.required = false;
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
      config: { swaggerTransform: () => ({ url: route.url, schema: referWithin(describeRoute(route)) }) },
      handler: (_request, reply) => reply.send(),
    });
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}

function describeRoute({ summary, description, tags, scope, path, query, headers, body, ...route }: Route) {
  const refusals = [...(scope ? [401, 403] : []), ...(path || query ? [400] : []), ...(route.refusals ?? [])];
  return {
    summary,
    tags,
    security: scope === null ? [] : [{ bearer: [] }, {}],
    response: { ...describeRefusals(refusals, route), ...route.response },
    ...(description !== undefined && { description }),
    ...(path && { params: describeParameters(path, Object.keys(path)) }),
    ...(query && { querystring: describeParameters(query) }),
    ...(headers && { headers: describeParameters(headers) }),
    ...(body && { body: { content: body.content } }),
  };
}

function describeParameters(parameters: Readonly<Record<string, DescribedParameter>>, required: string[] = []) {
  const properties = Object.entries(parameters).map(([name, { schema, description, example }]) => {
    const examples = example === undefined ? undefined : [example];
    return [name, { ...schema, ...(description !== undefined && { description }), ...(examples && { examples }) }];
  });
  return { type: "object", properties: Object.fromEntries(properties), required };
}

/** Each says what kinds of problems have its status. */
function describeRefusals(statuses: readonly number[], { refusalForm = PROBLEM_FORM }: Pick<Route, "refusalForm">) {
  const [type = ""] = refusalForm.type.split(";");
  return Object.fromEntries(
    statuses.map((status) => [
      status,
      { description: titlesOf(status), content: { [type]: { schema: refusalForm.schema } } },
    ]),
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
