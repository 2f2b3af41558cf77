import { type Rabbitmq, startRabbitmq } from "@pedidos/testing";
import { connect } from "amqplib";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { openStranger } from "../testing/open-stranger.ts";
import { quorumArguments, topology } from "../topology/topology.ts";
import { inspectBroker } from "./inspect-broker.ts";
import { findBrokerConcerns } from "./judge-queues.ts";
import { readQueues } from "./read-queues.ts";

let broker: Rabbitmq;
let management: string;
let stranger: Awaited<ReturnType<typeof openStranger>>;
beforeAll(async () => {
  broker = await startRabbitmq();
  management = await broker.enableManagement();
  stranger = await openStranger(broker.url);
  await stranger.do(async (channel) => {
    for (const { name, arguments: all } of topology.queues)
      await channel.assertQueue(name, { durable: true, arguments: all });
    await channel.assertQueue("pedidos", { durable: false });
  });
});
afterAll(async () => {
  await stranger.close();
  await broker.remove();
});

const policy = (name: string, pattern: string, definition: object) =>
  broker.ctl("set_policy", "--apply-to", "queues", name, pattern, JSON.stringify(definition));

test("the API of a real broker reports what its policies come to, its members and its nodes", async () => {
  await policy("forget", "^orders\\.intake$", { "message-ttl": 3_600_000 });
  await policy("shorten", "^pedidos$", { "max-length": 1000 });
  await broker.ctl("set_operator_policy", "--apply-to", "queues", "tidy", "^orders", '{"expires": 86400000}');
  const policies = async () => {
    const { queues } = await readQueues(broker.url, management);
    return Object.fromEntries(queues.map(({ name, policy }) => [name, policy]));
  };
  await expect.poll(policies, { timeout: 60_000 }).toEqual({
    "orders.intake": { "message-ttl": 3_600_000, expires: 86_400_000 },
    "orders.dead-letter": { expires: 86_400_000 },
    pedidos: { "max-length": 1000 },
  });
  const facts = await readQueues(broker.url, management);
  expect(facts).toMatchObject({ virtualHost: "/", refused: null, nodes: 1 });
  const [intake, pedidos] = facts.queues;
  expect(intake).toMatchObject({ isQuorum: true, isDurable: true, arguments: quorumArguments("orders.intake") });
  expect([intake?.members.length, intake?.online]).toEqual([1, intake?.members]);
  expect(pedidos).toMatchObject({ isQuorum: false, isDurable: false, arguments: {}, members: [], online: [] });
});

test("without access, or if nothing answers, it is unknown", async () => {
  await broker.ctl("add_user", "ana", "secret");
  await broker.ctl("set_permissions", "ana", "", ".*", ".*");
  const asAna = broker.url.replace("guest:guest", "ana:secret");
  expect(await readQueues(asAna, management)).toMatchObject({ refused: 401, queues: [], nodes: null });
  await broker.ctl("set_user_tags", "ana", "management");
  expect(await readQueues(asAna, management)).toMatchObject({ refused: null, nodes: null });
  expect(await readQueues(broker.url, "http://127.0.0.1:1")).toMatchObject({ refused: "silent" });
  expect(await findBrokerConcerns("amqp://ana:secret@127.0.0.2:1")).toEqual([
    { state: "note", what: expect.stringContaining("127.0.0.2:15672"), todo: expect.stringContaining("list_policies") },
  ]);
});

test("the doctor's inspection holds who consumes each queue, and what the API says", async () => {
  const model = await connect(broker.url);
  onTestFinished(() => model.close());
  await (await model.createChannel()).consume("orders.intake", () => {});
  const { parts, queues } = await inspectBroker(broker.url, management);
  expect(queues.refused).toBe(null);
  const consumers = Object.fromEntries(
    parts.flatMap(({ name, consumers }) => (consumers === undefined ? [] : [[name, consumers]])),
  );
  expect(consumers).toEqual({ "orders.intake": 1, "orders.dead-letter": 0, pedidos: 0 });
});
