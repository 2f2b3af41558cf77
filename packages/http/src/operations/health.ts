import type { IntakeBroker } from "@pedidos/broker";
import { Readiness } from "@pedidos/contract";
import { type Db, isConsumingPaused, probeSpool } from "@pedidos/persistence";
import { shareReading } from "@pedidos/process";
import * as Type from "typebox";
import { json, route } from "../route.ts";

/** → ready with all up, degraded while one road is left: an order can be made durable by either. */
export function readinessOf(dependencies: Readiness["dependencies"], isPaused = false): Readiness {
  const up = Object.values(dependencies).filter((state) => state === "up").length;
  const all = Object.values(dependencies).length;
  const status = up === all ? "ready" : up > 0 ? "degraded" : "unavailable";
  return { status, dependencies, ...(isPaused && { consuming: "paused" }) };
}

export type Dependents = {
  readonly broker: Pick<IntakeBroker, "status"> | undefined;
  /** Of a process that also records. */
  readonly recorder: { readonly status: () => { readonly database: "up" | "down" } } | undefined;
};

/** Asks the database whether it takes orders into the spool, one question at a time, and the broker how it is. */
export function openReadiness(db: Db, { broker, recorder }: Dependents) {
  const askSpool = shareReading(() => probeSpool(db).then(() => true), { maxAgeMs: 0, timeoutMs: 3_000 });
  const askPaused = shareReading(() => isConsumingPaused(db), { maxAgeMs: 1_000, timeoutMs: 1_000 });
  const isSpoolReady = async () => (await askSpool()) === true;
  let isPaused = false;
  return {
    isSpoolReady,
    async read(): Promise<Readiness> {
      const isUp = await isSpoolReady();
      // While the database does not answer, its last answer holds, as it does for the consumers.
      if (isUp) isPaused = (await askPaused()) ?? isPaused;
      // It takes orders, and records none: they wait in the spool.
      if (isUp && recorder?.status().database === "down")
        return { ...readinessOf({ database: "down" }, isPaused), status: "degraded" };
      const database = isUp ? "up" : "down";
      return readinessOf(broker === undefined ? { database } : { broker: broker.status(), database }, isPaused);
    },
  };
}

const live = Type.Unsafe<{ status: "live" }>({
  type: "object",
  properties: { status: { const: "live" } },
  required: ["status"],
  examples: [{ status: "live" }],
});

/** `GET /health/live`: 200 while the process runs. */
export function readLiveness() {
  return route("GET", "/health/live", {
    scope: null,
    operationId: "readLiveness",
    summary: "Whether the process runs",
    description: "Asks neither the database nor the broker: for what restarts a process that hangs.",
    tags: ["Health"],
    response: { 200: json("It does.", live) },
    handle: (_request, reply, answerJson) =>
      answerJson(reply.header("cache-control", "no-store"), 200, { status: "live" }),
  });
}

/** `GET /health/ready`: 200 while an order can be durably accepted. */
export function readReadiness(readiness: () => Promise<Readiness>) {
  return route("GET", "/health/ready", {
    scope: null,
    operationId: "readReadiness",
    summary: "Whether orders can be accepted durably",
    description: "Asks the database and the broker: for what sends requests to the processes that can take them.",
    tags: ["Health"],
    response: {
      200: json("They can; `degraded` with the broker or the database down.", Readiness),
      503: json("They cannot.", Readiness),
    },
    async handle(_request, reply, answerJson) {
      const ready = await readiness();
      return answerJson(reply.header("cache-control", "no-store"), ready.status === "unavailable" ? 503 : 200, ready);
    },
  });
}
