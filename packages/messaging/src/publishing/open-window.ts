import type { OutgoingMessage } from "./messages.ts";
import { type Answer, openUnconfirmed, type PublishOutcome } from "./open-unconfirmed.ts";

/** A connection's channel that takes publishes. */
export type Link = {
  /** Must have `settle` called once, unless the link is lost before. */
  readonly send: (message: OutgoingMessage, id: string, settle: (answer: Answer) => void) => void;
  /** A message found no queue. */
  readonly redeclare: () => void;
};

export type WindowOptions = {
  /** How many messages may be unconfirmed; beyond, "unavailable" at once. */
  readonly window: number;
  /** How long a confirm may take. */
  readonly confirmTimeoutMs: number;
  /** A confirm has not come in time: the link is to be dropped, with all bytes that have not left. */
  readonly overdue: () => void;
};

export type PublishWindow = ReturnType<typeof openWindow>;

/** How many bytes may be unconfirmed; one message of any size may always be. */
const WINDOW_BYTES = 32 * 1024 * 1024;

/** How long after a missing confirm a broker that is asked for nothing is not taken for one that confirms. */
const DOUBT_MS = 5_000;

/** What may be in flight to the broker, over whatever link there is; it knows nothing of sockets. */
export function openWindow({ window, confirmTimeoutMs, overdue }: WindowOptions) {
  const unconfirmed = openUnconfirmed({
    timeoutMs: confirmTimeoutMs,
    overdue() {
      doubtedUntil = performance.now() + DOUBT_MS;
      overdue();
    },
  });
  let doubtedUntil = 0;
  let link: Link | undefined;
  let [isBlocked, isClosing] = [false, false];

  async function send(message: OutgoingMessage): Promise<PublishOutcome> {
    if (link === undefined || isBlocked || isClosing) return "unavailable";
    const bytes = message.body.byteLength;
    const { count, bytes: held } = unconfirmed.size();
    if (count >= window || (count > 0 && held + bytes > WINDOW_BYTES)) return "unavailable";
    const to = link;
    const outcome = await unconfirmed.add(bytes, (id, settle) => to.send(message, id, settle));
    if (outcome === "unroutable" && !isClosing) to.redeclare();
    return outcome;
  }

  return {
    /** Always settles, within `confirmTimeoutMs`. */
    async publish(message: OutgoingMessage): Promise<PublishOutcome> {
      const outcome = await send(message);
      if (outcome !== "unavailable") doubtedUntil = 0;
      return outcome;
    },
    /** As `publish`, of a message that goes to no queue: its confirm says nothing of the queues. */
    probe: send,
    opened(opened: Link): void {
      link = opened;
    },
    blocked(blocked: boolean): void {
      isBlocked = blocked;
    },
    lost(): void {
      link = undefined;
      isBlocked = false;
      unconfirmed.giveUp();
    },
    /** The broker has returned a message; its confirm comes after. */
    returned: unconfirmed.returned,
    /** "down" too for a while after a confirm that did not come in time, whatever connection there is, until one comes. */
    status(): "up" | "blocked" | "down" {
      if (link === undefined || isClosing) return "down";
      if (isBlocked) return "blocked";
      return performance.now() < doubtedUntil ? "down" : "up";
    },
    /** Whether a publish would be "unavailable" at once, however little there is of it. */
    isClosed: () => link === undefined || isBlocked || isClosing,
    unconfirmed: () => unconfirmed.size().count,
    /** Takes no more, and resolves once what is unconfirmed is settled. */
    async end(): Promise<void> {
      isClosing = true;
      await unconfirmed.end();
    },
  };
}
