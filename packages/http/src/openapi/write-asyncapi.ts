import { CloudEvent, OrderInput, OrderRecorded, OrderRejected, Pedido } from "@pedidos/contract";
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

function eventsOf(type: CloudEvent["type"], data: Type.TSchema) {
  const event = Type.Object({ ...CloudEvent.properties, type: Type.Literal(type), data });
  const payload = Type.Array(event, { minItems: 1, maxItems: 500 });
  return { [type]: { contentType: "application/cloudevents-batch+json", payload } };
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
        description: "The usual way in: it leads to the queue `orders.intake`.",
        messages: messagesOf(OrderInput),
        bindings: topic("orders"),
      },
      intake: { address: "orders.intake", messages: messagesOf(OrderInput), bindings: queue("orders.intake") },
      pedidos: {
        address: "pedidos",
        description: "The replaced system's queue. Unknown keys are ignored.",
        messages: messagesOf(Pedido),
        bindings: queue("pedidos"),
      },
      recorded: {
        address: "order.recorded",
        messages: eventsOf("order.recorded", OrderRecorded),
        bindings: topic("orders.events"),
      },
      rejected: {
        address: "order.rejected",
        messages: eventsOf("order.rejected", OrderRejected),
        bindings: topic("orders.events"),
      },
    },
    operations: {
      takeSubmitted: { action: "receive", channel: channelOf("submitted") },
      takeIntake: { action: "receive", channel: channelOf("intake") },
      takePedidos: { action: "receive", channel: channelOf("pedidos") },
      announceRecorded: { action: "send", channel: channelOf("recorded") },
      announceRejected: { action: "send", channel: channelOf("rejected") },
    },
  };
}
