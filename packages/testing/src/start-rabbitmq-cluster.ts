import { findRabbitmq, rabbitmqIn } from "./find-rabbitmq.ts";
import { installRabbitmq } from "./install-rabbitmq.ts";
import type { Rabbitmq } from "./rabbitmq.ts";
import { startRabbitmqNode } from "./rabbitmq-node.ts";

export type RabbitmqCluster = {
  /** The first is the one that the others joined. */
  readonly nodes: readonly [Rabbitmq, ...Rabbitmq[]];
  readonly remove: () => Promise<void>;
};

/** Starts private nodes that form a cluster, on this machine; needs RabbitMQ's own programs, not a container. */
export async function startRabbitmqCluster(size: number): Promise<RabbitmqCluster> {
  const root = process.env.TEST_RABBITMQ_ROOT;
  const binaries = root ? rabbitmqIn(root) : (findRabbitmq() ?? installRabbitmq());
  const first = await startRabbitmqNode(binaries);
  const others: Rabbitmq[] = [];
  const remove = async () => {
    for (const node of others) await node.remove();
    await first.remove();
  };
  try {
    while (others.length + 1 < size) others.push(await startRabbitmqNode(binaries, first));
  } catch (error) {
    await remove();
    throw error;
  }
  return { nodes: [first, ...others], remove };
}
