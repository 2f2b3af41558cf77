import type { Parameters, Route } from "./route.ts";
import { sharedSchemas } from "./schemas.ts";

const TAGS = [
  "Orders",
  "Customers",
  "Rejections",
  "Dead letters",
  "Operations",
  "Changes",
  "Replaced system",
  "Session",
  "Health",
];

/** → the OpenAPI document of these routes, as a JSON value. */
export function writeDocument(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.url.replaceAll(/:([a-zA-Z]+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
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
      schemas: sharedSchemas,
    },
    paths,
    tags: TAGS.map((name) => ({ name })),
  };
}

function operation({ scope, schema }: Route): object {
  const { params, querystring, headers, body, response, ...told } = schema;
  const parameters = [
    ...parametersOf("header", headers),
    ...parametersOf("path", params),
    ...parametersOf("query", querystring),
  ];
  return {
    ...told,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: { required: true, ...body } }),
    security: scope === null ? [] : [{ bearer: [] }, {}],
    responses: response,
  };
}

function parametersOf(place: "header" | "path" | "query", parameters: Parameters | undefined): object[] {
  const { properties, required = [] }: Parameters = parameters ?? { properties: {} };
  return Object.entries(properties).map(([name, schema]) => ({
    in: place,
    name,
    required: required.includes(name),
    ...("description" in schema && { description: schema.description }),
    schema,
  }));
}
