import {
  type Fault,
  formatDecimal,
  formatUnits,
  type Order,
  type OrderRecorded,
  type Reason,
  type Source,
} from "@pedidos/domain";
import type { Kysely, Transaction } from "kysely";
import { isKeyTaken, isSpoolRowGone } from "../connection/classify-error.ts";
import { limitStatements, type StatementLimits } from "../connection/limit-statements.ts";
import { findIdentities } from "../orders/find-identities.ts";
import { type Identity, identityOf, isSameOrder, type RecordedIdentity } from "../orders/identity.ts";
import { deleteAnnounced } from "../outbox/delete-announced.ts";
import type { Announcement } from "../outbox/sweep-outbox.ts";
import { type NewRejection, upsertRejections } from "../rejections/upsert-rejections.ts";
import type { Database } from "../schema/database.generated.ts";
import { deleteSpooled } from "../spool/delete-spooled.ts";
import { type InsertOptions, insertOrders, type NewOrder } from "./insert-orders.ts";

/** One line that came in: an order, or what can't become one. `body` are its original bytes. */
export type Submission = {
  readonly source: Source;
  readonly body: Uint8Array;
  /** The spool row that holds it, which the same transaction deletes. */
  readonly spoolId?: number;
} & (
  | { readonly kind: "order"; readonly order: Order }
  | {
      readonly kind: "rejected";
      readonly reason: Reason;
      readonly orderId: number | null;
      readonly faults: readonly Fault[];
    }
);

/** What became of a submission. `settled`: its spool row was gone, so another process has recorded or rejected it. */
export type Outcome = "recorded" | "duplicate" | "conflict" | "rejected" | "settled";

export type RecordedBatch = {
  /** One for each submission, in order. */
  readonly outcomes: readonly Outcome[];
  /** What is to be announced now that it is committed. */
  readonly announcement: Announcement;
};

export type RecordOptions = {
  /** Outbox rows whose announcement the broker has confirmed. */
  readonly announced?: readonly number[];
  /** Whether most batches hold new orders alone, so that it pays to try this one as such. */
  readonly expectNew?: boolean;
  /** Shorter limits than the session's. */
  readonly limits?: StatementLimits | undefined;
};

/**
 * Records a batch in one transaction: new orders with their customers' sums, rejections, what is to be announced; and
 * deletes the spool rows it came from and the outbox rows that have been announced.
 *
 * Of several submissions of one id the first is recorded, the others are compared with it, or with the row that was
 * there before. Nothing here is check-then-insert: the primary key decides.
 *
 * @throws what pg throws; then nothing of the batch has happened (see classifyFailure)
 */
export async function recordOrders(
  db: Kysely<Database>,
  submissions: readonly Submission[],
  { announced = [], expectNew = true, limits }: RecordOptions = {},
): Promise<RecordedBatch> {
  const orders = expectNew && limits === undefined ? newOrdersOf(submissions) : undefined;
  const recorded = orders && (await recordNew(db, orders, { announced, spoolIds: spoolIdsOf(submissions) }));
  return recorded ?? (await recordAny(db, submissions, { announced, limits }));
}

/** → the orders of a batch that holds nothing else, each once; undefined of any other. */
function newOrdersOf(submissions: readonly Submission[]): NewOrder[] | undefined {
  const orders = submissions.flatMap((one) => (one.kind === "order" ? [one.order] : []));
  const ids = new Set(orders.map(({ orderId }) => orderId));
  if (ids.size === 0 || ids.size < submissions.length) return undefined;
  return orders.map((order) => ({ order, identity: identityOf(order) }));
}

function spoolIdsOf(submissions: readonly Submission[]): number[] {
  return submissions.flatMap((one) => one.spoolId ?? []);
}

/**
 * Records orders in one statement, one way to the database and back. → undefined, and nothing has happened, where an id is
 * taken or a spool row is gone.
 */
async function recordNew(
  db: Kysely<Database>,
  orders: readonly NewOrder[],
  alongside: Pick<InsertOptions, "announced" | "spoolIds">,
): Promise<RecordedBatch | undefined> {
  try {
    const { recordedAt, outboxId } = await insertOrders(db, orders, { taken: "fail", ...alongside });
    return {
      outcomes: orders.map(() => "recorded"),
      announcement: {
        outboxIds: outboxId === null ? [] : [outboxId],
        recorded: orders.map(({ order, identity }) => recordedEventData(order, identity, recordedAt)),
        rejected: [],
      },
    };
  } catch (error) {
    // Whatever else may be meant by these, recordAny comes upon it too.
    if (isKeyTaken(error) || isSpoolRowGone(error)) return undefined;
    throw error;
  }
}

async function recordAny(
  db: Kysely<Database>,
  submissions: readonly Submission[],
  { announced, limits }: Required<Pick<RecordOptions, "announced" | "limits">>,
): Promise<RecordedBatch> {
  return await db.transaction().execute(async (tx) => {
    if (limits !== undefined) await limitStatements(tx, limits);
    if (announced.length > 0) await deleteAnnounced(tx, announced);
    const outcomes = new Array<Outcome>(submissions.length).fill("settled");
    const live = await withoutSettled(tx, submissions);
    const orders = await recordNewOrders(tx, submissions, live, outcomes);
    const rejected = await keepRejections(tx, submissions, live, outcomes);
    return {
      outcomes,
      announcement: {
        outboxIds: [orders.outboxId, rejected.outboxId].filter((id) => id !== null),
        recorded: orders.recorded,
        rejected: rejected.announced,
      },
    };
  });
}

/** → positions of the submissions that are still ours to settle: the deletion of its spool row decides. */
async function withoutSettled(tx: Transaction<Database>, submissions: readonly Submission[]): Promise<number[]> {
  const spoolIds = spoolIdsOf(submissions);
  const deleted = spoolIds.length > 0 ? await deleteSpooled(tx, spoolIds) : new Set<number>();
  return [...submissions.keys()].filter((position) => {
    const spoolId = submissions[position]?.spoolId;
    return spoolId === undefined || deleted.has(spoolId);
  });
}

async function recordNewOrders(
  tx: Transaction<Database>,
  submissions: readonly Submission[],
  live: readonly number[],
  outcomes: Outcome[],
): Promise<{ recorded: OrderRecorded[]; outboxId: number | null }> {
  const identities = new Map<number, Identity>();
  const firsts = new Map<number, NewOrder & { position: number }>();
  for (const position of live) {
    const submission = submissions[position];
    if (submission?.kind !== "order") continue;
    const { order } = submission;
    const identity = identityOf(order);
    identities.set(position, identity);
    if (!firsts.has(order.orderId)) firsts.set(order.orderId, { order, identity, position });
  }
  if (firsts.size === 0) return { recorded: [], outboxId: null };
  const inserted = await insertOrders(tx, [...firsts.values()], {
    taken: "skip",
    announced: [],
    spoolIds: [],
  });
  const wentIn = (orderId: number) => inserted.orderIds === null || inserted.orderIds.has(orderId);
  const earlier =
    inserted.orderIds === null
      ? new Map<number, RecordedIdentity>()
      : await findIdentities(
          tx,
          [...firsts.keys()].filter((id) => !wentIn(id)),
        );
  const recorded: OrderRecorded[] = [];
  for (const [position, identity] of identities) {
    const first = firsts.get(identity.orderId);
    const isNew = wentIn(identity.orderId);
    if (first === undefined) throw new Error("an order without its first submission");
    if (isNew && first.position === position) {
      outcomes[position] = "recorded";
      recorded.push(recordedEventData(first.order, identity, inserted.recordedAt));
    } else {
      const held = isNew ? asRecorded(first.identity) : earlier.get(identity.orderId);
      if (held === undefined) throw new Error(`order ${identity.orderId} was neither inserted nor found`);
      outcomes[position] = isSameOrder(identity, held) ? "duplicate" : "conflict";
    }
  }
  return { recorded, outboxId: inserted.outboxId };
}

function asRecorded(identity: Identity): RecordedIdentity {
  return {
    customerId: identity.customerId,
    total: formatUnits(identity.totalUnits),
    fingerprint: identity.fingerprint,
  };
}

function recordedEventData(order: Order, identity: Identity, recordedAt: string): OrderRecorded {
  return {
    orderId: order.orderId,
    customerId: order.customerId,
    total: formatDecimal(formatUnits(identity.totalUnits)),
    itemCount: order.items.length,
    recordedAt,
  };
}

async function keepRejections(
  tx: Transaction<Database>,
  submissions: readonly Submission[],
  live: readonly number[],
  outcomes: Outcome[],
) {
  const rejections: NewRejection[] = [];
  for (const position of live) {
    const submission = submissions[position];
    if (submission === undefined) continue;
    const { source, body } = submission;
    if (submission.kind === "rejected") {
      const { reason, orderId, faults } = submission;
      outcomes[position] = "rejected";
      rejections.push({ source, body, reason, orderId, errors: faults });
    } else if (outcomes[position] === "conflict") {
      const { orderId } = submission.order;
      rejections.push({ source, body, reason: "order_conflict", orderId, errors: [conflictFault(orderId)] });
    }
  }
  return rejections.length > 0 ? await upsertRejections(tx, rejections) : { announced: [], outboxId: null };
}

function conflictFault(orderId: number): Fault {
  return {
    pointer: "/orderId",
    detail: `order ${orderId} is recorded already, with another customer or other items; the recorded one stays as it is`,
  };
}
