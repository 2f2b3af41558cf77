import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { answer, JSON_TYPE } from "../http/answer.ts";
import type { Observe } from "../http/observe-requests.ts";
import { sharedSchemas } from "./schemas.ts";

/** Collects the schemas of all routes that are added after it. */
export function collectSchemas(app: FastifyInstance): void {
  for (const [name, schema] of Object.entries(sharedSchemas)) app.addSchema({ ...schema, $id: name });
  app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Orders",
        version: "1",
        description:
          "Takes orders in over HTTP or RabbitMQ and records each exactly once, with its exact total. Errors of v1 are problem documents (RFC 9457).",
      },
      tags: [
        "Orders",
        "Customers",
        "Rejections",
        "Dead letters",
        "Operations",
        "Changes",
        "Replaced system",
        "Session",
        "Health",
      ].map((name) => ({ name })),
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
}

/** `GET /openapi.json` and the page at `/docs`. */
export function serveDocs(app: FastifyInstance, observe: (route: string) => Observe): void {
  app.register(async (docs) => {
    const tell = observe("/docs");
    docs.addHook("onResponse", (request, reply, done) => {
      tell(request, reply);
      done();
    });
    const directory = staticDirectory();
    const logo = { type: "image/svg+xml", content: readFileSync(join(directory, "logo.svg")) };
    await docs.register(swaggerUi, {
      routePrefix: "/docs",
      baseDir: directory,
      logo,
      uiConfig: { docExpansion: "list" },
    });
  });
  app.register(async (docs) => {
    const tell = observe("/openapi.json");
    let text: string | undefined;
    docs.route({
      method: "GET",
      url: "/openapi.json",
      schema: { hide: true },
      onResponse(request, reply, done) {
        tell(request, reply);
        done();
      },
      handler(request, reply) {
        text ??= JSON.stringify(app.swagger());
        return answer(reply.header("x-request-id", request.id), 200, JSON_TYPE, text);
      },
    });
  });
}

/** The page's files: beside the bundle, or in the package where the sources run. */
function staticDirectory(): string {
  const beside = join(import.meta.dirname, "static");
  if (existsSync(join(beside, "logo.svg"))) return beside;
  return join(dirname(createRequire(import.meta.url).resolve("@fastify/swagger-ui/package.json")), "static");
}
