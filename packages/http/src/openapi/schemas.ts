import { deathReasons } from "@pedidos/broker";
import { limits, OrderInput, reasons, sources } from "@pedidos/domain";
import * as Type from "typebox";
import { scopes } from "../access/scopes.ts";

const EXAMPLE_ORDER = {
  orderId: 1001,
  customerId: 1,
  placedAt: "2026-11-24T12:00:00Z",
  items: [
    { product: "lápis", quantity: 100, unitPrice: 1.1 },
    { product: "caderno", quantity: 10, unitPrice: "1.00" },
  ],
};
const [RECORDED_AT, CURSOR] = ["2026-11-24T12:00:01.123456Z", "byAyMDI2LTExLTI0VDEyOjAwOjAxLjEyMzQ1NlogNDI"];

const id = (description: string) => Type.Integer({ minimum: 1, maximum: limits.id, description });
const money = (description: string) => Type.String({ pattern: "^[0-9]+\\.[0-9]{2,4}$", description });
const time = (description: string) => Type.String({ format: "date-time", description });
const nullable = (schema: Type.TSchema) => Type.Union([schema, Type.Null()]);
const oneOf = (values: readonly string[]) => Type.Union(values.map((value) => Type.Literal(value)));

const orderInput = { ...OrderInput, examples: [EXAMPLE_ORDER] };

const fault = Type.Object(
  {
    pointer: Type.String({ description: "A JSON Pointer (RFC 6901) to what is wrong, in the sender's own words." }),
    detail: Type.String(),
  },
  { examples: [{ pointer: "/items/0/quantity", detail: "is 0; must be an integer from 1 to 1000000000" }] },
);

const problem = Type.Object(
  {
    type: Type.String({ format: "uri", description: "Stable; tells kinds of problems apart." }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    errors: Type.Optional(Type.Array(Type.Ref("Fault#"), { maxItems: 100, description: "The faults of an order." })),
  },
  {
    description: "RFC 9457",
    examples: [
      {
        type: "urn:pedidos:problem:invalid_order",
        title: "The order is not valid",
        status: 400,
        detail: "The order has a fault.",
        errors: [{ pointer: "/items/0/quantity", detail: "is 0; must be an integer from 1 to 1000000000" }],
      },
    ],
  },
);

const total = money("The exact sum of quantity × unitPrice.");

const submitted = Type.Object(
  { orderId: id("As it was sent."), customerId: id("As it was sent."), total, status: oneOf(["accepted", "recorded"]) },
  { examples: [{ orderId: 1001, customerId: 1, total: "120.00", status: "accepted" }] },
);

const recordedOrder = Type.Object(
  {
    orderId: id("The producer's id."),
    customerId: id("The customer who ordered."),
    total,
    items: Type.Array(
      Type.Object({ product: Type.String(), quantity: Type.Integer(), unitPrice: money("The price of one piece.") }),
      { description: "Empty for an order taken over from the replaced system, which kept no items." },
    ),
    placedAt: nullable(time("The producer's clock.")),
    recordedAt: time("The database's clock."),
    status: Type.Literal("recorded"),
  },
  {
    examples: [
      {
        ...EXAMPLE_ORDER,
        total: "120.00",
        items: EXAMPLE_ORDER.items.map((item) => ({ ...item, unitPrice: Number(item.unitPrice).toFixed(2) })),
        recordedAt: RECORDED_AT,
        status: "recorded",
      },
    ],
  },
);

const listedOrder = Type.Object({
  orderId: id("The producer's id."),
  customerId: id("The customer who ordered."),
  total,
  itemCount: Type.Integer(),
  placedAt: nullable(time("The producer's clock.")),
  recordedAt: time("The database's clock."),
});
const EXAMPLE_LISTED = {
  orderId: 1001,
  customerId: 1,
  total: "120.00",
  itemCount: 2,
  placedAt: "2026-11-24T12:00:00Z",
  recordedAt: RECORDED_AT,
};
const nextCursor = nullable(Type.String({ description: "Opaque; null on the last page." }));

const orderPage = Type.Object(
  { orders: Type.Array(listedOrder), nextCursor },
  { examples: [{ orders: [EXAMPLE_LISTED], nextCursor: CURSOR }] },
);

const customer = Type.Object(
  {
    customerId: id("As it was asked for."),
    orderCount: Type.Integer(),
    totalValue: money("The exact sum of all totals."),
    firstOrderAt: nullable(time("When the first order was recorded.")),
    lastOrderAt: nullable(time("When the last order was recorded.")),
  },
  {
    examples: [
      { customerId: 1, orderCount: 1, totalValue: "120.00", firstOrderAt: RECORDED_AT, lastOrderAt: RECORDED_AT },
    ],
  },
);

const batchMembers = {
  accepted: Type.Integer({ description: "Orders made durable." }),
  rejected: Type.Integer({ description: "Bad lines, listed or not." }),
  errors: Type.Array(
    Type.Object({
      line: Type.Integer({ minimum: 1 }),
      orderId: Type.Optional(id("Where it could be read.")),
      errors: Type.Array(Type.Ref("Fault#")),
    }),
    { maxItems: 1_000, description: "At most 1000 lines and 1 MiB." },
  ),
};
const batchResult = Type.Object(batchMembers, {
  examples: [{ accepted: 2, rejected: 1, errors: [{ line: 2, errors: [{ pointer: "", detail: "is not JSON" }] }] }],
});
const batchProblem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    ...batchMembers,
  },
  {
    description: "What was done before it ended early. Sending the whole again is safe.",
    examples: [
      {
        type: "urn:pedidos:problem:unavailable",
        title: "Not available right now",
        status: 503,
        detail: "Nothing durable could be reached.",
        accepted: 640,
        rejected: 0,
        errors: [],
      },
    ],
  },
);

const line = Type.Integer({ minimum: 1, description: "Counted from 1, blank lines too; of an array, its element." });
const rejectionId = Type.Integer({ minimum: 1 });
const difference = Type.Union(
  [
    Type.Object({ line, orderId: id("As it was sent."), verdict: oneOf(["missing", "different"]) }),
    Type.Object({
      line,
      orderId: id("As it was sent."),
      verdict: Type.Literal("rejected"),
      rejectionId,
      reason: oneOf(reasons),
    }),
    Type.Object({
      line,
      orderId: Type.Optional(id("Where it could be read.")),
      verdict: Type.Literal("invalid"),
      errors: Type.Array(Type.Ref("Fault#"), { maxItems: 100 }),
    }),
  ],
  {
    description:
      "`missing`: nothing is recorded under this id; `different`: another order is; `rejected`: nothing is, and the newest submission of it that was not replayed is this rejection; `invalid`: the line is no order.",
    examples: [{ line: 2, orderId: 1002, verdict: "missing" }],
  },
);
const count = Type.Integer({ minimum: 0 });
const reconcileCounts = Type.Object(
  { lines: count, recorded: count, missing: count, different: count, rejected: count, invalid: count },
  {
    description: "All lines were compared.",
    examples: [{ lines: 1400, recorded: 1398, missing: 1, different: 1, rejected: 0, invalid: 0 }],
  },
);

const traced = {
  rejectionId,
  reason: oneOf(reasons),
  source: oneOf(sources),
  times: Type.Integer({ minimum: 1, description: "How often it was seen." }),
  firstSeenAt: time("When it was first seen."),
  lastSeenAt: time("When it was last seen."),
  status: oneOf(["open", "replayed", "discarded"]),
};
const waitingMessages = nullable(Type.Integer({ minimum: 0, description: "Null where there is no such queue." }));
const orderTrace = Type.Object(
  {
    orderId: id("As it was asked for."),
    status: Type.Union(
      ["recorded", "waiting", "rejected", "unknown"].map((status) => Type.Literal(status)),
      {
        description:
          "`waiting`: the database refuses it while it records others, see waiting.deferred. `rejected`: not recorded, and something of this id was rejected and not replayed since.",
      },
    ),
    recorded: nullable(
      Type.Object({
        customerId: id("The customer who ordered."),
        total,
        itemCount: Type.Integer(),
        placedAt: nullable(time("The producer's clock.")),
        recordedAt: time("The database's clock."),
        isTakenOver: Type.Boolean({ description: "From the replaced system's table." }),
        batchSize: Type.Integer({ description: "Orders that were recorded in the same transaction, up to 1000." }),
        isAnnounced: Type.Union([Type.Boolean(), Type.Null()], {
          description:
            "Whether its event is out; null where over 1000 announcements wait. One taken over is never announced.",
        }),
      }),
    ),
    rejections: Type.Array(Type.Object(traced), { maxItems: 20, description: "Newest first; conflicts too." }),
    hasMoreRejections: Type.Boolean(),
    waiting: nullable(
      Type.Object(
        {
          queues: Type.Union(
            [Type.Object({ "orders.intake": waitingMessages, pedidos: waitingMessages }), Type.Null()],
            {
              description:
                "Messages, of one or many orders, that no consumer has taken yet; null where the broker does not say, or there is none.",
            },
          ),
          spool: Type.Object({
            orders: Type.Integer({ minimum: 0, description: "Counted up to 10000." }),
            oldestAt: nullable(time("Since when the oldest waits.")),
          }),
          deferred: nullable(
            Type.Object(
              {
                refusals: Type.Integer({ minimum: 1 }),
                code: Type.String({ description: "What the database answered last: an SQLSTATE." }),
                retryAt: time("When it is tried again."),
              },
              {
                description:
                  "This order waits because the database refuses it while it records others: a lock on its customer, a trigger or a constraint. It is recorded once that has gone.",
              },
            ),
          ),
        },
        { description: "What is accepted and not recorded yet; null for a recorded order." },
      ),
    ),
  },
  {
    examples: [
      {
        orderId: 1002,
        status: "unknown",
        recorded: null,
        rejections: [],
        hasMoreRejections: false,
        waiting: { queues: { "orders.intake": 12, pedidos: 0 }, spool: { orders: 0, oldestAt: null }, deferred: null },
      },
    ],
  },
);

const EXAMPLE_REJECTION = {
  rejectionId: 7,
  reason: "invalid_json",
  errors: [{ pointer: "", detail: "is not JSON" }],
  orderId: null,
  source: "orders.intake",
  body: "not json",
  bodyEncoding: "utf8",
  times: 1,
  firstSeenAt: RECORDED_AT,
  lastSeenAt: RECORDED_AT,
  status: "open",
};
const rejection = Type.Object(
  {
    ...traced,
    errors: Type.Array(Type.Ref("Fault#"), { maxItems: 100 }),
    orderId: nullable(id("Where it could be read.")),
    body: Type.String({ description: "The original bytes, by bodyEncoding." }),
    bodyEncoding: oneOf(["utf8", "base64"]),
  },
  { examples: [EXAMPLE_REJECTION] },
);
const rejectionPage = Type.Object(
  { rejections: Type.Array(Type.Ref("Rejection#")), nextCursor },
  { examples: [{ rejections: [EXAMPLE_REJECTION], nextCursor: null }] },
);

const deadLetters = Type.Object(
  {
    deadLetters: Type.Array(
      Type.Object({
        deadLetterId: Type.String({
          pattern: "^[0-9a-f]{32}$",
          description: "A digest of the message: the same whenever it is looked at.",
        }),
        queue: nullable(
          Type.Union(
            ["orders.intake", "pedidos"].map((queue) => Type.Literal(queue)),
            { description: "The one it came from; null where it was in neither." },
          ),
        ),
        reason: Type.Union(
          deathReasons.map((reason) => Type.Literal(reason)),
          { description: "`too_large`: over 1 MiB; `unknown`: not put here by us; the others are RabbitMQ's words." },
        ),
        size: Type.Integer({ minimum: 0, description: "Bytes of the body." }),
        body: Type.String({ description: "The first 64 KiB of its bytes, by bodyEncoding." }),
        bodyEncoding: oneOf(["utf8", "base64"]),
        truncated: Type.Boolean({ description: "The body is longer than what is shown." }),
        diedAt: nullable(time("When it came here, to the second or better.")),
      }),
    ),
    depth: Type.Integer({ minimum: 0, description: "How many there are, shown or not." }),
  },
  {
    examples: [
      {
        deadLetters: [
          {
            deadLetterId: "5f0c9a1e3b7d42608e1a9c4d7f20b356",
            queue: "orders.intake",
            reason: "delivery_limit",
            size: 8,
            body: "not json",
            bodyEncoding: "utf8",
            truncated: false,
            diedAt: "2026-11-24T12:00:01.000Z",
          },
        ],
        depth: 1,
      },
    ],
  },
);

const paused = Type.Boolean({ description: "Consumers record nothing." });
const consumingInput = Type.Object({ paused }, { additionalProperties: false, examples: [{ paused: true }] });
const consuming = Type.Object(
  {
    paused,
    since: nullable(time("By the database's clock; null where nobody ever paused it.")),
    by: nullable(Type.String({ description: "The name of the key; null where no key was needed." })),
  },
  { examples: [{ paused: true, since: RECORDED_AT, by: "ana" }] },
);

const sums = Type.Object({
  orderCount: Type.Integer({ minimum: 0 }),
  totalValue: money("The exact sum of all totals."),
});
const customerDifference = Type.Object(
  {
    customerId: id("The customer's id."),
    recorded: nullable(sums),
    counted: sums,
    repaired: Type.Boolean({ description: "It is as counted from now on." }),
  },
  {
    description: "A customer whose count or total is not that of its orders; `recorded` is null where it has none.",
    examples: [
      {
        customerId: 1,
        recorded: { orderCount: 1, totalValue: "100.00" },
        counted: { orderCount: 1, totalValue: "120.00" },
        repaired: false,
      },
    ],
  },
);
const recountProgress = Type.Object(
  { progress: Type.Object({ customers: count, orders: count }) },
  { examples: [{ progress: { customers: 12_000, orders: 480_000 } }] },
);
const recountCounts = Type.Object(
  { customers: count, orders: count, different: count, repaired: count },
  { description: "All were counted.", examples: [{ customers: 12_748, orders: 500_000, different: 1, repaired: 0 }] },
);

const auditPage = Type.Object(
  {
    entries: Type.Array(
      Type.Object({
        auditId: Type.Integer({ minimum: 1 }),
        doneAt: time("The database's clock."),
        actor: nullable(Type.String({ description: "The name of the key; null where no key was needed." })),
        action: oneOf([
          "rejection.replayed",
          "rejection.discarded",
          "dead_letter.requeued",
          "consuming.paused",
          "consuming.resumed",
          "customer.repaired",
        ]),
        rejectionId: nullable(rejectionId),
        detail: Type.Object({
          corrected: Type.Optional(Type.Boolean({ description: "What was replayed is not what was rejected." })),
          deadLetterId: Type.Optional(Type.String()),
          queue: Type.Optional(Type.String({ description: "Where the dead letter was put back." })),
          customerId: Type.Optional(id("The customer whose sums were repaired.")),
          before: Type.Optional(nullable(sums)),
          after: Type.Optional(sums),
        }),
      }),
    ),
    nextCursor,
  },
  {
    examples: [
      {
        entries: [
          {
            auditId: 3,
            doneAt: RECORDED_AT,
            actor: "ana",
            action: "rejection.replayed",
            rejectionId: 7,
            detail: { corrected: true },
          },
        ],
        nextCursor: null,
      },
    ],
  },
);

const change = Type.Object({
  specversion: Type.Literal("1.0"),
  id: Type.String({ description: "The same however often the change is told, over HTTP or RabbitMQ." }),
  source: Type.Literal("pedidos"),
  type: oneOf(["order.recorded", "order.rejected"]),
  subject: Type.Optional(Type.String({ description: "orders/ and the order's id, where that could be read." })),
  time: time("When it was recorded, or first rejected."),
  datacontenttype: Type.Literal("application/json"),
  data: Type.Union([
    Type.Object({
      orderId: id("The producer's id."),
      customerId: id("The customer who ordered."),
      total,
      itemCount: Type.Integer(),
      recordedAt: time("The database's clock."),
    }),
    Type.Object({
      rejectionId,
      orderId: nullable(id("Where it could be read.")),
      reason: oneOf(reasons),
      source: oneOf(sources),
    }),
  ]),
});
const changePage = Type.Object(
  {
    changes: Type.Array(change, { description: "CloudEvents 1.0, oldest first." }),
    nextCursor: Type.String({ description: "Opaque; goes on after this page, which may be the newest." }),
  },
  {
    examples: [
      {
        changes: [
          {
            specversion: "1.0",
            id: "order.recorded:1001",
            source: "pedidos",
            type: "order.recorded",
            subject: "orders/1001",
            time: RECORDED_AT,
            datacontenttype: "application/json",
            data: { orderId: 1001, customerId: 1, total: "120.00", itemCount: 2, recordedAt: RECORDED_AT },
          },
        ],
        nextCursor: CURSOR,
      },
    ],
  },
);

const upOrDown = oneOf(["up", "down"]);
const readinessSchema = Type.Object(
  {
    status: oneOf(["ready", "degraded", "unavailable"]),
    dependencies: Type.Object({ broker: Type.Optional(upOrDown), database: upOrDown }),
    consuming: Type.Optional(
      Type.Literal("paused", { description: "There while consumers are told to record nothing." }),
    ),
  },
  { examples: [{ status: "ready", dependencies: { broker: "up", database: "up" } }] },
);

const rateOf = (description: string) => Type.Number({ minimum: 0, description });
const overviewSchema = Type.Object(
  {
    readiness: Type.Ref("Readiness#"),
    backlog: Type.Object({
      queues: Type.Union(
        [
          Type.Object({
            "orders.intake": waitingMessages,
            pedidos: waitingMessages,
            "orders.dead-letter": waitingMessages,
          }),
          Type.Null(),
        ],
        { description: "Messages, of one or many orders, that nobody has taken; null where the broker does not say." },
      ),
      spool: nullable(Type.Object({ orders: count, oldestSeconds: Type.Number({ minimum: 0 }) })),
      outbox: nullable(Type.Object({ commits: count, oldestSeconds: Type.Number({ minimum: 0 }) })),
    }),
    delays: Type.Object(
      {
        orders: Type.Integer({ minimum: 0, description: "How many were looked at." }),
        p50Ms: nullable(Type.Number({ minimum: 0 })),
        p99Ms: nullable(Type.Number({ minimum: 0 })),
        waiting: Type.Integer({ minimum: 0, description: "Of those, not recorded after 2 seconds." }),
        oldestWaitingSeconds: Type.Number({ minimum: 0 }),
      },
      {
        description:
          "From acceptance to record: a sample, at most ten orders a second, of what this instance accepted in the last 5 minutes.",
      },
    ),
    sampleSeconds: Type.Number({ description: "How far apart the samples of the history are." }),
    history: Type.Array(
      Type.Object({
        at: time("The end of the stretch, by this instance's clock."),
        accepted: rateOf("Orders a second that this instance accepted."),
        recorded: nullable(rateOf("Orders a second that were recorded, by whichever consumer.")),
        rejected: nullable(rateOf("New rejections a second.")),
      }),
      { description: "The last 15 minutes, since this instance started; null where the database did not say." },
    ),
  },
  {
    examples: [
      {
        readiness: { status: "ready", dependencies: { broker: "up", database: "up" } },
        backlog: {
          queues: { "orders.intake": 12, pedidos: 0, "orders.dead-letter": 0 },
          spool: { orders: 0, oldestSeconds: 0 },
          outbox: { commits: 1, oldestSeconds: 0.1 },
        },
        delays: { orders: 3000, p50Ms: 6.2, p99Ms: 31.5, waiting: 0, oldestWaitingSeconds: 0 },
        sampleSeconds: 5,
        history: [{ at: RECORDED_AT, accepted: 840.4, recorded: 839.8, rejected: 0.2 }],
      },
    ],
  },
);

const sessionSchema = Type.Object(
  {
    name: nullable(Type.String({ description: "The key's." })),
    scopes: Type.Array(oneOf(scopes), { description: "Those that need no key are among them." }),
    hasKeys: Type.Boolean({ description: "Whether there is a key to sign in with." }),
  },
  { examples: [{ name: "ana", scopes: ["orders:read", "rejections:manage"], hasKeys: true }] },
);

/** Every schema that routes point to, by its name. */
export const sharedSchemas: Readonly<Record<string, Type.TSchema>> = {
  Order: orderInput,
  Fault: fault,
  Problem: problem,
  SubmittedOrder: submitted,
  RecordedOrder: recordedOrder,
  OrderTrace: orderTrace,
  OrderPage: orderPage,
  Customer: customer,
  BatchResult: batchResult,
  BatchProblem: batchProblem,
  Difference: difference,
  ReconcileCounts: reconcileCounts,
  Rejection: rejection,
  RejectionPage: rejectionPage,
  DeadLetters: deadLetters,
  Consuming: consuming,
  ConsumingInput: consumingInput,
  CustomerDifference: customerDifference,
  RecountProgress: recountProgress,
  RecountCounts: recountCounts,
  AuditPage: auditPage,
  ChangePage: changePage,
  Readiness: readinessSchema,
  Overview: overviewSchema,
  Session: sessionSchema,
};
