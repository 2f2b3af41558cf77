import * as contract from "@pedidos/contract";
import Fastify from "fastify";
import type { Route } from "../route.ts";
import { withoutCompilers } from "../server/without-compilers.ts";
import { referWithin } from "./refer.ts";

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
      tags: TAGS.map((name) => ({ name })),
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
  for (const { method, url, scope, schema } of routes) {
    const security = scope === null ? [] : [{ bearer: [] }, {}];
    app.route({
      method,
      url,
      // Not as its schema: Fastify would compile that.
      config: { swaggerTransform: () => ({ url, schema: { ...referWithin(schema), security } }) },
      handler: (_request, reply) => reply.send(),
    });
  }
  await app.ready();
  const document = app.swagger();
  await app.close();
  return document;
}
