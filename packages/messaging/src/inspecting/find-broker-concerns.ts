import type { Concern } from "@pedidos/process";
import { judgeQueues } from "./judge-queues.ts";
import { readQueues } from "./read-queues.ts";

/** → what someone should know of the ground on which a confirm stands, as far as the management API shows it to this user. */
export async function findBrokerConcerns(brokerUrl: string): Promise<Concern[]> {
  return judgeQueues(await readQueues(brokerUrl));
}
