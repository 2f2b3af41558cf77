import { DEAD_LETTER_QUEUE } from "@pedidos/contract";
import { orderQueues } from "@pedidos/domain";
import { brokerAddress } from "../connection/broker-address.ts";
import { isRecord } from "../is-record.ts";
import { askManagement, type ManagementAddress, managementAddress } from "./ask-management.ts";

/** What the management API says of the queues that orders lie in. */
export type QueueFacts = {
  readonly virtualHost: string;
  /** `host:port` of the management API, and why it says nothing: no answer, or its status. */
  readonly asked: string;
  readonly refused: "silent" | number | null;
  readonly queues: readonly QueueState[];
  /** How many nodes the cluster has; null if this user may not see it. */
  readonly nodes: number | null;
};

export type QueueState = Readonly<ReturnType<typeof queueIn>>;

/**
 * Reads what only the management API shows. A queue that is not there is left out.
 *
 * @throws Error if a URL can't be used
 */
export async function readQueues(brokerUrl: string, managementUrl?: string): Promise<QueueFacts> {
  const address = managementAddress(brokerUrl, managementUrl);
  const { virtualHost } = brokerAddress(brokerUrl);
  const facts = { virtualHost, asked: address.label, queues: [], nodes: null };
  const queues: QueueState[] = [];
  for (const name of [...orderQueues, DEAD_LETTER_QUEUE]) {
    const answer = await askManagement(address, `queues/${encodeURIComponent(virtualHost)}/${name}`);
    if ("body" in answer) queues.push(queueIn(answer.body, name));
    else if (answer.refused !== 404) return { ...facts, refused: answer.refused };
  }
  return { ...facts, refused: null, queues, nodes: await countNodes(address) };
}

async function countNodes(address: ManagementAddress): Promise<number | null> {
  const answer = await askManagement(address, "nodes?columns=name");
  return "body" in answer && Array.isArray(answer.body) ? answer.body.length : null;
}

function queueIn(body: unknown, name: string) {
  const queue = isRecord(body) ? body : {};
  const names = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
  return {
    name,
    isQuorum: queue.type === "quorum",
    isDurable: queue.durable === true,
    arguments: isRecord(queue.arguments) ? queue.arguments : {},
    /** What policies and operator policies come to for this queue; null while the queue has not said so yet. */
    policy: isRecord(queue.effective_policy_definition) ? queue.effective_policy_definition : null,
    /** The nodes that hold it, and those of them that are up. */
    members: names(queue.members),
    online: names(queue.online),
  };
}
