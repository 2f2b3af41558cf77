import type { Concern } from "@pedidos/process";
import { expect, test } from "vitest";
import { quorumArguments } from "../topology/topology.ts";
import { judgeQueues } from "./judge-queues.ts";
import type { QueueFacts, QueueState } from "./read-queues.ts";

const members = ["rabbit@a", "rabbit@b", "rabbit@c"];
const intake: QueueState = {
  name: "orders.intake",
  isQuorum: true,
  isDurable: true,
  arguments: quorumArguments("orders.intake"),
  policy: {},
  members,
  online: members,
};
const sound: QueueFacts = { virtualHost: "/", asked: "h:15672", refused: null, queues: [intake], nodes: 3 };
const pedidos: QueueState = { ...intake, name: "pedidos", isQuorum: false, arguments: {}, members: [], online: [] };
const deadLetters: QueueState = { ...intake, name: "orders.dead-letter" };

test("a queue on three nodes that no policy touches gives no concern, on five neither", () => {
  expect(judgeQueues(sound)).toEqual([]);
  expect(judgeQueues({ ...sound, nodes: 5, queues: [intake, deadLetters, pedidos] })).toEqual([]);
});

const withPolicy = (queue: QueueState, policy: QueueState["policy"]) => ({ queues: [{ ...queue, policy }] });

test.each<[string, Partial<QueueFacts>, Concern["state"], RegExp, RegExp]>([
  ["a TTL", withPolicy(intake, { "message-ttl": 1000 }), "problem", /intake expire after 1000 ms/, /policy/],
  ["an expiry", withPolicy(deadLetters, { expires: 5 }), "problem", /dead-letter is deleted/, /expires/],
  ["a length", withPolicy(pedidos, { "max-length": 9 }), "problem", /pedidos drops .* max-length 9/, /max-length/],
  [
    "bytes with drop-head",
    withPolicy(pedidos, { "max-length-bytes": 9, overflow: "drop-head" }),
    "problem",
    /max-length-bytes 9/,
    /reconcile/,
  ],
  ["a length that refuses", withPolicy(intake, { "max-length": 9 }), "note", /refuses messages/, /spool/],
  ["a delivery limit", withPolicy(deadLetters, { "delivery-limit": 9 }), "problem", /9 times/, /delivery-limit/],
  ["a policy to come", withPolicy(intake, null), "note", /not known yet/, /again/],
  [
    "a TTL as argument",
    { queues: [{ ...pedidos, arguments: { "x-message-ttl": 7 } }] },
    "problem",
    /expire after 7 ms/,
    /arguments/,
  ],
  ["a transient queue", { queues: [{ ...pedidos, isDurable: false }] }, "note", /not durable/, /PEDIDOS_QUEUE/],
  [
    "one member of three",
    { queues: [{ ...intake, members: members.slice(1, 2), online: members }] },
    "problem",
    /on 1 of the cluster's 3 nodes/,
    /rabbitmq-queues grow NODE all --vhost-pattern '\^\/\$' --queue-pattern '\^orders\\.intake\$'/,
  ],
  ["a node away", { queues: [{ ...intake, online: members.slice(1) }] }, "problem", /not up: rabbit@a/, /shrink/],
  ["one node", { nodes: 1 }, "note", /one node/, /cluster of three/],
  ["unseen nodes", { nodes: null }, "note", /unknown to this user/, /cluster_status/],
  ["no API", { refused: "silent" }, "note", /no management API answers at h:15672/, /rabbitmqctl list_policies/],
  ["no right to it", { refused: 401 }, "note", /answers this user 401/, /list_operator_policies/],
])("of %s it says that, and what to do", (_, difference, state, what, todo) => {
  expect(judgeQueues({ ...sound, ...difference })).toEqual([
    { state, what: expect.stringMatching(what), todo: expect.stringMatching(todo) },
  ]);
});
