import type { FastifyServerOptions } from "fastify";

/** The domain validates, and answers are written as they are; Fastify's own compilers would be loaded at the start. */
export const withoutCompilers: Pick<FastifyServerOptions, "schemaController"> = {
  schemaController: { compilersFactory: { buildValidator: compileNothing, buildSerializer: compileNothing } },
};

function compileNothing(): never {
  throw new Error("a route has a schema that Fastify should compile");
}
