import { type CloudEvent, recordedEvent } from "@pedidos/contract";
import type { Order, Source } from "@pedidos/domain";
import { type Db, limitStatements, type StatementLimits } from "../connection/statements.ts";
import { findIdentities, isSameOrder } from "../orders/identity.ts";
import { deleteAnnounced } from "../outbox/outbox-rows.ts";
import type { Announcement } from "../outbox/sweep-outbox.ts";
import { type NewRejection, upsertRejections } from "../rejections/upsert-rejections.ts";
import { deleteSpooled } from "../spool/spool-rows.ts";
import { type InsertOptions, insertOrders, isTakenOrGone, type NewOrder, toNewOrder } from "./insert-orders.ts";

/** An order that came in, or what can't become one. `body` are its original bytes. */
export type Submission = {
  /** The spool row that holds it, which the same transaction deletes. */
  readonly spoolId?: number;
} & (
  | { readonly kind: "order"; readonly order: Order; readonly source: Source; readonly body: Uint8Array }
  | ({ readonly kind: "rejected" } & NewRejection)
);

/** What became of a submission. `settled`: its spool row was gone, so another process has recorded or rejected it. */
export type Outcome = "recorded" | "duplicate" | "conflict" | "rejected" | "settled";

export type RecordedBatch = {
  /** One for each submission, in order. */
  readonly outcomes: readonly Outcome[];
  /** The events to announce now that they are committed. */
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
  db: Db,
  submissions: readonly Submission[],
  { announced = [], expectNew = true, limits }: RecordOptions = {},
): Promise<RecordedBatch> {
  const orders = expectNew && limits === undefined ? newOrdersOf(submissions) : undefined;
  const recorded = orders && (await recordNew(db, orders, { announced, spoolIds: spoolIdsOf(submissions) }));
  return recorded ?? (await recordAny(db, submissions, { announced, limits }));
}

/** → the orders of a batch that holds nothing else, each once; undefined of any other. */
function newOrdersOf(submissions: readonly Submission[]): NewOrder[] | undefined {
  const orders = new Map<number, Order>();
  for (const one of submissions) {
    if (one.kind !== "order" || orders.has(one.order.orderId)) return undefined;
    orders.set(one.order.orderId, one.order);
  }
  return orders.size === 0 ? undefined : [...orders.values()].map(toNewOrder);
}

function spoolIdsOf(submissions: readonly Submission[]): number[] {
  return submissions.map(({ spoolId }) => spoolId).filter((id) => id !== undefined);
}

/**
 * Records orders in one statement, one way to the database and back. → undefined, and nothing has happened, if an id is
 * taken or a spool row is gone.
 */
async function recordNew(db: Db, orders: readonly NewOrder[], alongside: Omit<InsertOptions, "taken">) {
  try {
    const { recordedAt, outboxId } = await insertOrders(db, orders, { taken: "fail", ...alongside });
    return {
      outcomes: orders.map((): Outcome => "recorded"),
      announcement: {
        outboxIds: outboxId === null ? [] : [outboxId],
        events: orders.map((one) => eventOf(one, recordedAt)),
      },
    };
  } catch (error) {
    // If these errors mean something else, recordAny gets them too.
    if (isTakenOrGone(error)) return undefined;
    throw error;
  }
}

/** A submission of a batch, and what became of it. */
type Entry = { readonly submission: Submission; outcome: Outcome };

async function recordAny(db: Db, submissions: readonly Submission[], { announced = [], limits }: RecordOptions) {
  return await db.transaction().execute(async (tx) => {
    if (limits !== undefined) await limitStatements(tx, limits);
    if (announced.length > 0) await deleteAnnounced(tx, announced);
    const entries = submissions.map((submission): Entry => ({ submission, outcome: "settled" }));
    const spoolIds = spoolIdsOf(submissions);
    const deleted = spoolIds.length > 0 ? await deleteSpooled(tx, spoolIds) : undefined;
    // The deletion of its spool row decides whether a submission is still ours to settle.
    const own = entries.filter(({ submission: { spoolId } }) => spoolId === undefined || deleted?.has(spoolId));
    for (const entry of own) if (entry.submission.kind === "rejected") entry.outcome = "rejected";
    const orders = await recordOrCompare(tx, own);
    const rejections = await keepRejections(tx, own);
    return {
      outcomes: entries.map(({ outcome }) => outcome),
      announcement: {
        outboxIds: [orders.outboxId, rejections.outboxId].filter((id) => id !== null),
        events: [...orders.events, ...rejections.events],
      },
    };
  });
}

/** Records the orders whose ids are new, and compares the others with what is recorded. */
async function recordOrCompare(tx: Db, entries: readonly Entry[]) {
  const orders = entries.flatMap((entry) =>
    entry.submission.kind === "order" ? [{ entry, ...toNewOrder(entry.submission.order) }] : [],
  );
  const firsts = new Map<number, NewOrder>();
  for (const one of orders) if (!firsts.has(one.orderId)) firsts.set(one.orderId, one);
  if (firsts.size === 0) return { events: [], outboxId: null };
  const { orderIds, recordedAt, outboxId } = await insertOrders(tx, [...firsts.values()], { taken: "skip" });
  const isNew = (orderId: number) => orderIds === null || orderIds.has(orderId);
  const oldIds = [...firsts.keys()].filter((id) => !isNew(id));
  const earlier = await findIdentities(tx, oldIds);
  const events: CloudEvent[] = [];
  for (const one of orders) {
    const { orderId, entry } = one;
    const known = isNew(orderId) ? firsts.get(orderId) : earlier.get(orderId);
    if (known === undefined) throw new Error(`order ${orderId} was neither inserted nor found`);
    if (known === one) {
      entry.outcome = "recorded";
      events.push(eventOf(one, recordedAt));
    } else entry.outcome = isSameOrder(one, known) ? "duplicate" : "conflict";
  }
  return { events, outboxId };
}

function eventOf({ order, total }: NewOrder, recordedAt: string): CloudEvent {
  return recordedEvent({ ...order, total, itemCount: order.items.length, recordedAt });
}

async function keepRejections(tx: Db, entries: readonly Entry[]): ReturnType<typeof upsertRejections> {
  const rejections = entries.flatMap(({ submission, outcome }) => {
    if (submission.kind === "rejected") return submission;
    return outcome === "conflict" ? toConflict(submission) : [];
  });
  return rejections.length > 0 ? await upsertRejections(tx, rejections) : { events: [], outboxId: null };
}

function toConflict({ source, body, order: { orderId } }: Extract<Submission, { kind: "order" }>): NewRejection {
  const detail = `order ${orderId} is recorded already, with another customer or other items; the recorded one stays as it is`;
  return { source, body, reason: "order_conflict", orderId, faults: [{ pointer: "/orderId", detail }] };
}
