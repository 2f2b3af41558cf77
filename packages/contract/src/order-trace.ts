import { INTAKE_QUEUE, PEDIDOS_QUEUE } from "@pedidos/domain";
import * as Type from "typebox";
import { depth, id, nullable, oneOf, type Static, time } from "./fields.ts";
import { ListedOrder } from "./order.ts";
import { TracedRejection } from "./rejection.ts";

const { orderId: _, ...listed } = ListedOrder.properties;
const recorded = Type.Object({
  ...listed,
  isTakenOver: Type.Boolean({ description: "From the replaced system's table." }),
  batchSize: Type.Integer({ description: "Orders that were recorded in the same transaction, up to 1000." }),
  isAnnounced: nullable(Type.Boolean(), {
    description: "Whether its event is out; null if over 1000 announcements wait. One taken over is never announced.",
  }),
});

const deferred = Type.Object(
  {
    refusals: Type.Integer({ minimum: 1 }),
    code: Type.String({ description: "What the database answered last: an SQLSTATE." }),
    retryAt: time("When it is tried again."),
  },
  {
    description:
      "This order waits because the database refuses it while it records others: a lock on its customer, a trigger or a constraint. It is recorded once that has gone.",
  },
);

const waiting = Type.Object(
  {
    queues: nullable(Type.Object({ [INTAKE_QUEUE]: depth, [PEDIDOS_QUEUE]: depth }), {
      description:
        "Messages, of one or many orders, that no consumer has taken yet; null if the broker does not say, or there is none.",
    }),
    spool: Type.Object({
      orders: Type.Integer({ minimum: 0, description: "Counted up to 10000." }),
      oldestAt: nullable(time("Since when the oldest waits.")),
    }),
    deferred: nullable(deferred),
  },
  { description: "What is accepted and not recorded yet; null for a recorded order." },
);

export const OrderTrace = Type.Object(
  {
    orderId: id("As it was asked for."),
    status: oneOf(["recorded", "waiting", "rejected", "unknown"], {
      description:
        "`waiting`: the database refuses it while it records others, see waiting.deferred. `rejected`: not recorded, and something of this id was rejected and not replayed since.",
    }),
    recorded: nullable(recorded),
    rejections: Type.Array(TracedRejection, { maxItems: 20, description: "Newest first; conflicts too." }),
    hasMoreRejections: Type.Boolean(),
    waiting: nullable(waiting),
  },
  {
    $id: "OrderTrace",
    examples: [
      {
        orderId: 1002,
        status: "unknown",
        recorded: null,
        rejections: [],
        hasMoreRejections: false,
        waiting: {
          queues: { [INTAKE_QUEUE]: 12, [PEDIDOS_QUEUE]: 0 },
          spool: { orders: 0, oldestAt: null },
          deferred: null,
        },
      },
    ],
  },
);
export type OrderTrace = Static<typeof OrderTrace>;
