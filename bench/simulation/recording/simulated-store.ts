import type { AnnouncementOutcome } from "@pedidos/broker";
import { recordedEvent, rejectedEvent } from "@pedidos/contract";
import type {
  Announcement,
  ClaimedRow,
  Failure,
  RecordedBatch,
  RecorderStore,
  SpooledBody,
  Submission,
  Sweep,
  SweptRow,
} from "@pedidos/persistence";
import {
  Answered,
  call,
  type Life,
  Outage,
  type OutboxRow,
  Refusal,
  type SpoolRow,
  type World,
} from "./simulated-world.ts";

const TRIES_TOGETHER = 2;
const FIRST_BACK_OFF_MS = 10_000;

const textOf = (body: Uint8Array) => Buffer.from(body).toString();

/** The store as the recorder sees it, on a world in memory: what each statement of persistence does, all or nothing. */
export function simulatedStore(world: World, life: Life): RecorderStore {
  const isFree = (row: SpoolRow) => row.leasedUntil === null || row.leasedUntil < performance.now();
  const inOrder = () => [...world.spool.values()].sort((a, b) => a.spoolId - b.spoolId);

  const isDue = (row: SpoolRow) => row.retryAt === null || row.retryAt <= performance.now();
  const isSuspectAndDue = (row: SpoolRow) => row.suspect && isDue(row) && isFree(row);
  const isDeferredAndDue = (row: SpoolRow) => !row.suspect && row.retryAt !== null && isDue(row) && isFree(row);

  function put({ source, body, tries = 0, suspect = false }: SpooledBody, isClaimed: boolean): ClaimedRow {
    const spoolId = world.nextId++;
    const row = { spoolId, source: source === "http" ? source : ("orders.intake" as const), body: Buffer.from(body) };
    const counted = tries + (isClaimed ? 1 : 0);
    const leasedUntil = isClaimed ? performance.now() + world.leaseMs : null;
    const text = textOf(body);
    world.copies.set(text, (world.copies.get(text) ?? 0) + 1);
    world.spool.set(spoolId, {
      ...row,
      tries: counted,
      suspect,
      leasedUntil,
      claimedBy: isClaimed ? life : null,
      retryAt: null,
      refusals: 0,
    });
    return { ...row, tries: counted, queuedAt: 0 };
  }

  function claim(row: SpoolRow): ClaimedRow {
    row.tries++;
    row.suspect ||= row.tries >= TRIES_TOGETHER;
    row.leasedUntil = performance.now() + world.leaseMs;
    row.claimedBy = life;
    const { spoolId, source, body, tries } = row;
    return { spoolId, source, body, tries, queuedAt: 0 };
  }

  return {
    record: (submissions, announced) =>
      call(world, life, `record ${submissions.map(({ body }) => textOf(body))}`, () =>
        record(world, submissions, announced),
      ),
    classify,
    probe: () =>
      call(world, life, "probe", () => {
        if (world.isRefusing && !world.isRefusalUnseen) throw new Answered();
      }),
    findLockedCustomers: async () => new Set(),
    defer: (deferred) =>
      call(world, life, "defer", () => {
        for (const { spoolId, isSuspect, ...body } of deferred) {
          const row = world.spool.get(spoolId ?? put(body, true).spoolId);
          if (row === undefined || row.leasedUntil === null) continue;
          row.leasedUntil = null;
          row.tries -= 1;
          row.suspect = isSuspect;
          row.retryAt = performance.now() + Math.min(15_000, 1_000 * 2 ** row.refusals++);
        }
      }),
    async isPaused() {
      if (!world.isDatabaseUp) throw new Outage();
      return world.isPaused;
    },
    spool: (rows) => call(world, life, "spool", () => void rows.map((row) => put(row, false))),
    spoolClaimed: (rows) => call(world, life, "spool claimed", () => rows.map((row) => put(row, true))),
    claim: ({ rows }) =>
      call(world, life, "claim", () =>
        inOrder()
          .filter((row) => !row.suspect && row.retryAt === null && isFree(row))
          .slice(0, rows)
          .map(claim),
      ),
    claimDeferred: ({ rows }) =>
      call(world, life, "claim deferred", () => inOrder().filter(isDeferredAndDue).slice(0, rows).map(claim)),
    findDue: () =>
      call(world, life, "find due", () => ({
        suspect: inOrder().some(isSuspectAndDue),
        deferred: inOrder().some(isDeferredAndDue),
      })),
    claimSuspect: () =>
      call(world, life, "claim suspect", () => {
        const row = inOrder().find(isSuspectAndDue);
        return row && claim(row);
      }),
    release: (spoolIds, interrupted) =>
      call(world, life, `release ${interrupted}`, () => {
        for (const row of spoolIds.map((id) => world.spool.get(id))) {
          if (row === undefined || row.leasedUntil === null) continue;
          row.leasedUntil = null;
          row.suspect = interrupted !== "untried";
          row.tries -= interrupted === "tried_alone" ? 0 : 1;
        }
      }),
    keepOversized: () => Promise.reject(new Error("nothing here is so large")),
    passOnOversized: async () => false,
    deleteAnnounced: (outboxIds) => call(world, life, "delete announced", () => deleteAnnounced(world, outboxIds)),
    postponeRefused: (outboxIds) =>
      call(world, life, "postpone refused", () => {
        for (const row of outboxIds.map((id) => world.outbox.get(id)))
          if (row !== undefined && row.nextAttemptAt === undefined) countAttempt(row);
      }),
    sweep: (rows, announce) => sweep(world, life, rows, announce),
  };
}

function classify(error: unknown): Failure {
  if (error instanceof Outage) return { kind: "connection_lost", code: "lost", isPerOrder: false };
  if (error instanceof Refusal) return { kind: "order", code: "22P02", isPerOrder: true };
  if (error instanceof Answered) return { kind: "back_off", code: "42501", isPerOrder: error.isPerOrder };
  return { kind: "bug", code: String(error), isPerOrder: false };
}

function record(world: World, submissions: readonly Submission[], announced: readonly number[]): RecordedBatch {
  const killer = submissions.find((s) => s.kind === "order" && textOf(s.body).includes("killer"));
  if (killer !== undefined) {
    const name = textOf(killer.body);
    world.kills.set(name, (world.kills.get(name) ?? 0) + 1);
    world.kill();
  } else if (world.isRefusing) throw new Answered();
  else if (performance.now() < world.heldUntil && submissions.some((s) => textOf(s.body).includes("held")))
    throw new Answered(true);
  else if (submissions.some((s) => s.kind === "order" && textOf(s.body).includes("refused"))) {
    throw new Refusal("no such thing");
  } else return commit(world, submissions, announced);
  return { outcomes: [], announcement: { outboxIds: [], events: [] } };
}

function commit(world: World, submissions: readonly Submission[], announced: readonly number[]): RecordedBatch {
  deleteAnnounced(world, announced);
  const ids: string[] = [];
  for (const submission of submissions) {
    const { spoolId, body } = submission;
    if (spoolId !== undefined && !world.spool.delete(spoolId)) continue;
    const text = textOf(body);
    const recorded = submission.kind === "order" ? world.orders.get(submission.order.orderId) : undefined;
    if (submission.kind === "order" && recorded === undefined) {
      world.orders.set(submission.order.orderId, text);
      ids.push(`order.recorded:${submission.order.orderId}`);
    } else if (recorded !== text && !world.rejections.has(text)) {
      const reason = submission.kind === "order" ? "order_conflict" : submission.reason;
      const rejectionId = world.nextId++;
      world.rejections.set(text, { rejectionId, reason });
      ids.push(`order.rejected:${rejectionId}`);
    }
  }
  return { outcomes: [], announcement: keepOutbox(world, ids) };
}

/** One outbox row for what is new; → what is to be announced of it. */
function keepOutbox(world: World, ids: readonly string[]): Announcement {
  if (ids.length === 0) return { outboxIds: [], events: [] };
  const outboxId = world.nextId++;
  world.outbox.set(outboxId, { at: performance.now(), ids, attempts: 0, nextAttemptAt: undefined });
  return announcementOf(outboxId, ids);
}

function announcementOf(outboxId: number, ids: readonly string[]): Announcement {
  const numbered = (kind: string) => ids.filter((id) => id.startsWith(kind)).map((id) => Number(id.slice(kind.length)));
  const at = "2026-01-01T00:00:00Z";
  return {
    outboxIds: [outboxId],
    events: [
      ...numbered("order.recorded:").map((orderId) =>
        recordedEvent({ orderId, customerId: 1, total: "1.00", itemCount: 1, recordedAt: at }),
      ),
      ...numbered("order.rejected:").map((rejectionId) =>
        rejectedEvent({ rejectionId, orderId: null, reason: "invalid_order", source: "http", firstSeenAt: at }),
      ),
    ],
  };
}

function deleteAnnounced(world: World, outboxIds: readonly number[]): void {
  for (const id of outboxIds) world.outbox.delete(id);
}

function countAttempt(row: OutboxRow): void {
  row.nextAttemptAt = performance.now() + FIRST_BACK_OFF_MS * 2 ** row.attempts;
  row.attempts++;
}

/** Claims rows by counting an attempt, announces them, and deletes those that are announced. */
async function sweep(
  world: World,
  life: Life,
  { of, most }: Sweep,
  announce: (announcement: Announcement) => Promise<AnnouncementOutcome>,
): Promise<SweptRow[]> {
  const now = performance.now();
  const isChosen = ({ at, nextAttemptAt }: OutboxRow) =>
    of === "due"
      ? nextAttemptAt !== undefined && nextAttemptAt <= now
      : nextAttemptAt === undefined && at < now - of.olderThanMs;
  const claimed = await call(world, life, "claim outbox", () => {
    const rows = [...world.outbox].filter(([, row]) => isChosen(row)).slice(0, most);
    for (const [, row] of rows) countAttempt(row);
    return rows;
  });
  const swept: SweptRow[] = [];
  for (const [outboxId, { ids }] of claimed)
    swept.push({ outboxId, outcome: await announce(announcementOf(outboxId, ids)) });
  if (claimed.length > 0)
    await call(world, life, "end of sweep", () => {
      for (const { outboxId, outcome } of swept) if (outcome === "announced") world.outbox.delete(outboxId);
      for (const { outboxId, outcome } of swept) {
        const row = outcome === "unavailable" ? world.outbox.get(outboxId) : undefined;
        if (row === undefined) continue;
        row.attempts--;
        row.nextAttemptAt = row.attempts > 0 ? now : undefined;
      }
    });
  return swept;
}
