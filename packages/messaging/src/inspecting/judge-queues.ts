import type { Concern } from "@pedidos/process";
import { DEAD_LETTER_QUEUE } from "../topology/topology.ts";
import type { QueueFacts, QueueState } from "./read-queues.ts";

/** More members than this make a queue slower and hardly safer. */
const ENOUGH_MEMBERS = 3;

const problem = (what: string, todo: string): Concern => ({ state: "problem", what, todo });
const note = (what: string, todo: string): Concern => ({ state: "note", what, todo });

/** → what someone should know of the ground on which a confirm stands. */
export function judgeQueues(facts: QueueFacts): Concern[] {
  const { asked, refused, virtualHost, nodes, queues } = facts;
  if (refused !== null)
    return [
      note(
        `${refused === "silent" ? `no management API answers at ${asked}` : `the management API at ${asked} answers this user ${refused}`}: unknown is whether a policy can delete orders, and on how many nodes the queues are`,
        `Look on the broker: rabbitmqctl list_policies --vhost ${quoted(virtualHost)}; rabbitmqctl list_operator_policies --vhost ${quoted(virtualHost)}; rabbitmqctl list_queues --vhost ${quoted(virtualHost)} name policy members online. Or ask as a user with the tag monitoring.`,
      ),
    ];
  return [
    ...queues.flatMap((queue) => [...judgePolicy(queue), ...judgeMembers(queue, facts)]),
    ...(nodes === null
      ? [
          note(
            "how many nodes the cluster has is unknown to this user",
            "Ask as a user with the tag monitoring, or: rabbitmqctl cluster_status.",
          ),
        ]
      : []),
    ...(nodes === 1
      ? [
          note(
            "the broker is one node: a confirm is on one machine",
            "Where orders must survive the loss of that machine and its disks, make it a cluster of three; then grow the queues: rabbitmq-queues grow.",
          ),
        ]
      : []),
  ];
}

function judgePolicy(queue: QueueState): Concern[] {
  const { name, policy, isDurable } = queue;
  const concerns: Concern[] = [];
  const change = (setting: string) =>
    `Take ${setting} out of the policy or the operator policy that matches it (rabbitmqctl list_policies, list_operator_policies), or out of the arguments of whoever declares it. What is gone is gone: have the senders compare (pedidos reconcile).`;
  const numberOf = (setting: string) => policy?.[setting] ?? queue.arguments[`x-${setting}`];
  if (policy === null)
    concerns.push(
      note(`what policies do to the queue ${name} is not known yet`, "It says so within 10 s of its start. Ask again."),
    );
  if (numberOf("message-ttl") !== undefined)
    concerns.push(
      problem(
        `messages in the queue ${name} expire after ${numberOf("message-ttl")} ms (message-ttl): accepted orders are lost`,
        change("message-ttl"),
      ),
    );
  if (numberOf("expires") !== undefined)
    concerns.push(
      problem(
        `the queue ${name} is deleted when nobody uses it for ${numberOf("expires")} ms (expires), with all that is in it`,
        change("expires"),
      ),
    );
  concerns.push(...judgeLength(queue, numberOf, change));
  // Ours has an argument that says more, which a policy can only lower.
  if (name === DEAD_LETTER_QUEUE && policy?.["delivery-limit"] !== undefined)
    concerns.push(
      problem(
        `dead letters that are looked at ${policy["delivery-limit"]} times are lost (delivery-limit of a policy on ${name})`,
        change("delivery-limit"),
      ),
    );
  if (!isDurable)
    concerns.push(
      note(
        `the queue ${name} is not durable: what waits in it is lost when the broker restarts`,
        "The replaced system's producers declare it so. Once they are gone, delete it while it is empty, and set PEDIDOS_QUEUE=durable.",
      ),
    );
  return concerns;
}

function judgeLength(
  queue: QueueState,
  numberOf: (setting: string) => unknown,
  change: (setting: string) => string,
): Concern[] {
  const overflow = queue.arguments["x-overflow"] ?? queue.policy?.overflow ?? "drop-head";
  return ["max-length", "max-length-bytes"].flatMap((setting) => {
    const most = numberOf(setting);
    if (most === undefined) return [];
    if (overflow === "drop-head")
      return [
        problem(
          `the queue ${queue.name} drops its oldest messages beyond ${setting} ${most} (overflow drop-head): accepted orders are lost`,
          change(setting),
        ),
      ];
    return [
      note(
        `the queue ${queue.name} refuses messages beyond ${setting} ${most}`,
        "Nothing is lost: orders by HTTP then take the spool. Producers on the broker have to heed their confirms.",
      ),
    ];
  });
}

function judgeMembers({ name, isQuorum, members, online }: QueueState, { nodes, virtualHost }: QueueFacts): Concern[] {
  if (!isQuorum) return [];
  const wanted = Math.min(nodes ?? 0, ENOUGH_MEMBERS);
  const away = members.filter((member) => !online.includes(member));
  return [
    ...(members.length < wanted
      ? [
          problem(
            `the queue ${name} is on ${members.length} of the cluster's ${nodes} nodes: it is lost, or stands still, with ${members.length === 1 ? "that one" : "one of them"}`,
            `For each node that lacks it: rabbitmq-queues grow NODE all --vhost-pattern ${quoted(`^${virtualHost}$`)} --queue-pattern ${quoted(`^${name.replace(".", "\\.")}$`)}.`,
          ),
        ]
      : []),
    ...(away.length > 0
      ? [
          problem(
            `the queue ${name} has members that are not up: ${away.join(", ")}`,
            "Start those nodes, or have it forget one that is gone for good: rabbitmq-queues shrink NODE.",
          ),
        ]
      : []),
  ];
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
