import * as contract from "@pedidos/contract";
import { type Route, titlesOf } from "../route.ts";
import { PROBLEM_FORM } from "../server/answer.ts";
import type { DescribedParameter } from "../server/read-parameters.ts";

/** → the OpenAPI document of these routes, as a JSON value. */
export function writeDocument(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.url.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route) };
  }
  const schemas = Object.values(contract).flatMap((schema) =>
    typeof schema === "object" && "$id" in schema ? [{ ...schema, $id: String(schema.$id) }] : [],
  );
  return {
    openapi: "3.1.0",
    info: {
      title: "Orders",
      version: "1",
      description:
        "Takes orders in over HTTP or RabbitMQ and records each exactly once, with its exact total. Errors of v1 are problem documents (RFC 9457).",
    },
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", description: "Not needed for the scopes that are open to anyone." },
      },
      schemas: Object.fromEntries(schemas.map(({ $id, ...schema }) => [$id, referWithin(schema)])),
    },
    paths,
    tags: [...new Set(routes.flatMap(({ tags }) => tags))].map((name) => ({ name })),
  };
}

function describeRoute({ summary, description, tags, scope, path, query, headers, body, ...route }: Route) {
  const parameters = [
    ...describeParameters("query", query),
    ...describeParameters("path", path),
    ...describeParameters("header", headers),
  ];
  const refusals = [...(scope ? [401, 403] : []), ...(path || query ? [400] : []), ...(route.refusals ?? [])];
  return referWithin({
    summary,
    description,
    tags,
    requestBody: body && { required: true, ...body },
    parameters: parameters.length === 0 ? undefined : parameters,
    security: scope === null ? [] : [{ bearer: [] }, {}],
    responses: { ...describeRefusals(refusals, route), ...route.response },
  });
}

function describeParameters(place: "query" | "path" | "header", parameters: Record<string, DescribedParameter> = {}) {
  return Object.entries(parameters).map(([name, { schema, description, example }]) => ({
    in: place,
    name,
    required: place === "path",
    description,
    example,
    schema,
  }));
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
function referWithin(schema: object): object {
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, refer(value)]));
}

function refer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(refer);
  if (typeof value !== "object" || value === null) return value;
  return "$id" in value ? { $ref: `#/components/schemas/${value.$id}` } : referWithin(value);
}
