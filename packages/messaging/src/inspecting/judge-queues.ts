import { DEAD_LETTER_QUEUE } from "@pedidos/contract";
import type { Concern } from "@pedidos/process";
import { type QueueFacts, type QueueState, readQueues } from "./read-queues.ts";

/** More members than this make a queue slower and hardly safer. */
const ENOUGH_MEMBERS = 3;

const problem = (what: string, todo: string): Concern => ({ state: "problem", what, todo });
const note = (what: string, todo: string): Concern => ({ state: "note", what, todo });

/** → what someone should know of what a confirm depends on, as far as the management API shows it to this user. */
export async function findBrokerConcerns(brokerUrl: string): Promise<Concern[]> {
  return judgeQueues(await readQueues(brokerUrl));
}

/** → what someone should know of what a confirm depends on. */
export function judgeQueues(facts: QueueFacts): Concern[] {
  return [...judge(facts)];
}

function* judge(facts: QueueFacts): Generator<Concern> {
  const { asked, refused, nodes, queues } = facts;
  if (refused !== null) {
    const vhost = quoted(facts.virtualHost);
    yield note(
      `${refused === "silent" ? `no management API answers at ${asked}` : `the management API at ${asked} answers this user ${refused}`}: unknown is whether a policy can delete orders, and on how many nodes the queues are`,
      `Ask the broker: rabbitmqctl list_policies --vhost ${vhost}; rabbitmqctl list_operator_policies --vhost ${vhost}; rabbitmqctl list_queues --vhost ${vhost} name policy members online. Or ask as a user with the tag monitoring.`,
    );
    return;
  }
  for (const queue of queues) {
    yield* judgeSettings(queue);
    yield* judgeMembers(queue, facts);
  }
  if (nodes === null)
    yield note(
      "how many nodes the cluster has is unknown to this user",
      "Ask as a user with the tag monitoring, or: rabbitmqctl cluster_status.",
    );
  if (nodes === 1)
    yield note(
      "the broker is one node: a confirm is on one machine",
      "Where orders must survive the loss of that machine and its disks, make it a cluster of three; then grow the queues: rabbitmq-queues grow.",
    );
}

/** Of policies and arguments. */
function* judgeSettings(queue: QueueState): Generator<Concern> {
  const { name, policy } = queue;
  const settingOf = (setting: string) => policy?.[setting] ?? queue.arguments[`x-${setting}`];
  if (policy === null)
    yield note(
      `what policies do to the queue ${name} is not known yet`,
      "It says so within 10 s of its start. Ask again.",
    );
  const [lifetime, idle] = [settingOf("message-ttl"), settingOf("expires")];
  if (lifetime !== undefined)
    yield problem(
      `messages in the queue ${name} expire after ${lifetime} ms (message-ttl): accepted orders are lost`,
      takeOut("message-ttl"),
    );
  if (idle !== undefined)
    yield problem(
      `the queue ${name} is deleted when nobody uses it for ${idle} ms (expires), with all that is in it`,
      takeOut("expires"),
    );
  const overflow = queue.arguments["x-overflow"] ?? policy?.overflow ?? "drop-head";
  for (const setting of ["max-length", "max-length-bytes"]) {
    const most = settingOf(setting);
    if (most === undefined) continue;
    if (overflow === "drop-head")
      yield problem(
        `the queue ${name} drops its oldest messages beyond ${setting} ${most} (overflow drop-head): accepted orders are lost`,
        takeOut(setting),
      );
    else
      yield note(
        `the queue ${name} refuses messages beyond ${setting} ${most}`,
        "Nothing is lost: orders by HTTP then take the spool. Producers on the broker have to check their confirms.",
      );
  }
  // Ours has an argument that says more, which a policy can only lower.
  if (name === DEAD_LETTER_QUEUE && policy?.["delivery-limit"] !== undefined)
    yield problem(
      `dead letters that are read ${policy["delivery-limit"]} times are lost (delivery-limit of a policy on ${name})`,
      takeOut("delivery-limit"),
    );
  if (!queue.isDurable)
    yield note(
      `the queue ${name} is not durable: its messages are lost when the broker restarts`,
      "The replaced system's producers declare it so. Once they are gone, delete it while it is empty, and set PEDIDOS_QUEUE=durable.",
    );
}

const takeOut = (setting: string): string =>
  `Take ${setting} out of the policy or the operator policy that matches it (rabbitmqctl list_policies, list_operator_policies), or out of the arguments of the program that declares it. Deleted messages are lost: have the senders compare (pedidos reconcile).`;

function* judgeMembers(
  { name, isQuorum, members, online }: QueueState,
  { nodes, virtualHost }: QueueFacts,
): Generator<Concern> {
  if (!isQuorum) return;
  if (members.length < Math.min(nodes ?? 0, ENOUGH_MEMBERS))
    yield problem(
      `the queue ${name} is on ${members.length} of the cluster's ${nodes} nodes: it is lost, or stands still, with ${members.length === 1 ? "that one" : "one of them"}`,
      `For each node that lacks it: rabbitmq-queues grow NODE all --vhost-pattern ${quoted(`^${virtualHost}$`)} --queue-pattern ${quoted(`^${name.replace(".", "\\.")}$`)}.`,
    );
  const away = members.filter((member) => !online.includes(member));
  if (away.length > 0)
    yield problem(
      `the queue ${name} has members that are not up: ${away.join(", ")}`,
      "Start those nodes, or have it forget one that is gone for good: rabbitmq-queues shrink NODE.",
    );
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
