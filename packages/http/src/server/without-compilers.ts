import type { FastifyServerOptions } from "fastify";

/** Keeps Fastify from loading its compilers at the start: the domain validates, and answers are written as they are. */
export const withoutCompilers: Pick<FastifyServerOptions, "schemaController"> = {
  schemaController: { compilersFactory: { buildValidator: compileNothing, buildSerializer: compileNothing } },
};

function compileNothing(): never {
  throw new Error("a route has a schema that Fastify should compile");
}
