import { Consuming, ConsumingInput } from "@pedidos/contract";
import { readJson } from "@pedidos/domain";
import type { FastifyReply } from "fastify";
import type { Store } from "../open-store.ts";
import { json, route } from "../route.ts";
import { isRefusal, type Refusal, refusal, refuse } from "../server/answer.ts";
import { collectJson } from "../server/collect-body.ts";

const LIMITS = { maxBytes: 1024, timeoutMs: 10_000 };
const NOT_PAUSED = refusal("invalid_parameter", 'The body must be {"paused": true} or {"paused": false}.');

/** `GET /v1/consuming`: whether the consumers record, or are paused. */
export function readConsuming(store: Pick<Store, "readConsuming">) {
  return route("GET", "/v1/consuming", {
    scope: "operations:manage",
    operationId: "readConsuming",
    summary: "Report whether consuming is paused",
    description: "Since when, and by whom, is by the database's clock and the name of the key.",
    tags: ["Operations"],
    response: { 200: json("Whether it is, since when, and by whom.", Consuming) },
    refusals: [503],
    handle: async (_request, reply, answerJson) =>
      answerJson(reply.header("cache-control", "no-store"), 200, await store.readConsuming()),
  });
}

/** `PUT /v1/consuming`: has every consumer stop recording, or go on. */
export function setConsuming(store: Pick<Store, "setConsuming">) {
  return route("PUT", "/v1/consuming", {
    scope: "operations:manage",
    operationId: "setConsuming",
    summary: "Pause or resume consuming",
    description:
      "Every consumer follows within a few seconds: paused, it finishes what it holds, takes nothing from the queues or the spool, and goes on announcing. Orders are accepted meanwhile, and wait. Where it is so already, nothing changes.",
    tags: ["Operations"],
    body: { content: { "application/json": { schema: ConsumingInput } } },
    response: { 200: json("As it is from now on.", Consuming) },
    refusals: [400, 408, 413, 415, 503],
    async handle(request, reply, answerJson) {
      const input = await readInput(reply);
      if (isRefusal(input)) return refuse(reply, input);
      const consuming = await store.setConsuming(input.paused, request.performedBy);
      return answerJson(reply.header("cache-control", "no-store"), 200, consuming);
    },
  });
}

async function readInput(reply: FastifyReply): Promise<ConsumingInput | Refusal> {
  const bytes = await collectJson(reply, LIMITS);
  if (isRefusal(bytes)) return bytes;
  const read = readJson(bytes);
  if (read.kind === "not_json") return refusal("invalid_json", `The body ${read.found}.`);
  const { value } = read;
  if (typeof value !== "object" || value === null || Object.keys(value).join() !== "paused") return NOT_PAUSED;
  const paused: unknown = Reflect.get(value, "paused");
  return typeof paused === "boolean" ? { paused } : NOT_PAUSED;
}
