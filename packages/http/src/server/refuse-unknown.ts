import type { FastifyReply, FastifyRequest } from "fastify";
import { type Refuse, refuseWithProblem } from "./answer.ts";
import { refusal } from "./problem.ts";

export type KnownRoute = { readonly method: string; readonly url: string; readonly refuse: Refuse };

/** Answers what fits no route: 405 with Allow where the path is one of ours, in that route's own words, else 404. */
export function refuseUnknown(routes: readonly KnownRoute[]) {
  const patterns = routes.map((route) => ({ ...route, pattern: patternOf(route.url) }));
  return (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    reply.header("x-request-id", request.id);
    const path = request.url.split("?", 1)[0] ?? "";
    const here = patterns.filter(({ pattern }) => pattern.test(path));
    const [first] = here;
    if (first === undefined) return refuseWithProblem(reply, refusal("not_found", "There is nothing at this path."));
    const methods = [...new Set(here.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method])))];
    const allow = methods.join(", ");
    return first.refuse(reply, {
      kind: "method_not_allowed",
      detail: `${request.method} is not possible here, but ${allow}.`,
      headers: { allow },
    });
  };
}

function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll(/:[a-zA-Z]+/g, "[^/]+")}$`);
}
