import { EVENTS_A_MESSAGE, EVENTS_EXCHANGE, eventKinds, OrderInput, Pedido } from "@pedidos/contract";
import { INTAKE_QUEUE, PEDIDOS_QUEUE } from "@pedidos/domain";
import * as Type from "typebox";

const queue = (name: string) => ({ amqp: { is: "queue", queue: { name, durable: true } } });
const topic = (name: string) => ({ amqp: { is: "routingKey", exchange: { name, type: "topic", durable: true } } });
const channelOf = (name: string) => ({ $ref: `#/channels/${name}` });

/** Messages of one order, or of one a line. */
const messagesOf = (order: Type.TSchema) => ({
  order: { contentType: "application/json", headers: intakeHeaders, payload: order },
  orders: {
    contentType: "application/x-ndjson",
    headers: intakeHeaders,
    payload: { type: "string", description: "One such order a line; blank lines are skipped." },
  },
});
const intakeHeaders = Type.Object({
  awaited: Type.Optional(
    Type.Boolean({ description: "Somebody waits: it is recorded without the usual delay of up to 20 ms." }),
  ),
});

function eventsOf({ schema }: (typeof eventKinds)[number]) {
  const address = schema.properties.type.const;
  const payload = Type.Array(schema, { minItems: 1, maxItems: EVENTS_A_MESSAGE });
  return {
    address,
    messages: { [address]: { contentType: "application/cloudevents-batch+json", payload } },
    bindings: topic(EVENTS_EXCHANGE),
  };
}

/** → the AsyncAPI document of what is taken from the broker and announced there, as a JSON value. */
export function writeAsyncapi(): object {
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Orders",
      version: "1",
      description:
        "Takes orders in over RabbitMQ, and announces each that is recorded or rejected at least once, never before it is committed.",
    },
    channels: {
      submitted: {
        address: "order.submitted",
        description: `The usual way in: it leads to the queue \`${INTAKE_QUEUE}\`.`,
        messages: messagesOf(OrderInput),
        bindings: topic("orders"),
      },
      intake: { address: INTAKE_QUEUE, messages: messagesOf(OrderInput), bindings: queue(INTAKE_QUEUE) },
      pedidos: {
        address: PEDIDOS_QUEUE,
        description: "The replaced system's queue. Unknown keys are ignored.",
        messages: messagesOf(Pedido),
        bindings: queue(PEDIDOS_QUEUE),
      },
      ...Object.fromEntries(eventKinds.map((one) => [one.kind, eventsOf(one)])),
    },
    operations: {
      takeSubmitted: { action: "receive", channel: channelOf("submitted") },
      takeIntake: { action: "receive", channel: channelOf("intake") },
      takePedidos: { action: "receive", channel: channelOf("pedidos") },
      ...Object.fromEntries(
        eventKinds.map(({ kind }) => [
          `announce${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
          { action: "send", channel: channelOf(kind) },
        ]),
      ),
    },
  };
}
