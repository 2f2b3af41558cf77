import type { Source } from "@pedidos/domain";
import { INTAKE_QUEUE, type PEDIDOS_QUEUE } from "../topology/topology.ts";

/** Where a message of a queue came from: on the intake queue what our own publisher said, else the queue's name. */
export function sourceOf(queue: typeof INTAKE_QUEUE | typeof PEDIDOS_QUEUE, told: unknown): Source {
  return queue === INTAKE_QUEUE && (told === "http" || told === "replay") ? told : queue;
}
