import { Consuming, ConsumingInput } from "@pedidos/contract";
import { readJson } from "@pedidos/domain";
import type { FastifyRequest } from "fastify";
import type { Access } from "../access/open-access.ts";
import type { Store } from "../open-store.ts";
import { json, problemAnswers } from "../openapi/describe.ts";
import { type Route, route } from "../route.ts";
import { refuseWithProblem } from "../server/answer.ts";
import { type BodyLimits, collectJson } from "../server/collect-body.ts";
import { refusal } from "../server/problem.ts";
import type { Read } from "../server/read-parameters.ts";

const LIMITS: BodyLimits = { maxBytes: 1024, timeoutMs: 10_000 };

type Setting = { readonly store: Pick<Store, "setConsuming">; readonly nameOf: Access["nameOf"] };

/** `PUT /v1/consuming`: has every consumer stop recording, or go on. */
export function setConsuming({ store, nameOf }: Setting): Route {
  return route({
    method: "PUT",
    url: "/v1/consuming",
    scope: "operations:manage",
    schema: {
      summary: "Pause or resume consuming",
      description:
        "Every consumer follows within a few seconds: paused, it finishes what it holds, takes nothing from the queues or the spool, and goes on announcing. Orders are accepted meanwhile, and wait. Where it is so already, nothing changes.",
      tags: ["Operations"],
      body: { content: { "application/json": { schema: ConsumingInput } } },
      response: {
        200: json("As it is from now on.", Consuming),
        ...problemAnswers(400, 401, 403, 408, 413, 415, 503),
      },
    },
    async handle(request, reply, answerJson) {
      const paused = await readPaused(request);
      if (paused.kind === "refused") return refuseWithProblem(reply, paused.refusal);
      const actor = nameOf(request.headers.authorization) ?? null;
      const consuming = await store.setConsuming(paused.value, actor);
      return answerJson(reply.header("cache-control", "no-store"), 200, consuming);
    },
  });
}

async function readPaused({ raw }: FastifyRequest): Promise<Read<boolean>> {
  const body = await collectJson(raw, LIMITS);
  if (body.kind === "refused") return body;
  const read = readJson(body.bytes);
  if (read.kind === "not_json") return { kind: "refused", refusal: refusal("invalid_json", `The body ${read.found}.`) };
  const { value } = read;
  if (typeof value !== "object" || value === null || Object.keys(value).join() !== "paused") return NOT_PAUSED;
  const paused: unknown = Reflect.get(value, "paused");
  return typeof paused === "boolean" ? { kind: "value", value: paused } : NOT_PAUSED;
}

const NOT_PAUSED: Read<boolean> = {
  kind: "refused",
  refusal: refusal("invalid_parameter", 'The body must be {"paused": true} or {"paused": false}.'),
};
