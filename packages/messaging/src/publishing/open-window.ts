import type { OutgoingMessage } from "./messages.ts";
import { type Answer, openUnconfirmed, type PublishOutcome } from "./unconfirmed.ts";

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

export type PublishWindow = {
  /** Always settles, within `confirmTimeoutMs`. */
  readonly publish: (message: OutgoingMessage) => Promise<PublishOutcome>;
  /** As `publish`, of a message that goes to no queue: its confirm says nothing of the queues. */
  readonly probe: (message: OutgoingMessage) => Promise<PublishOutcome>;
  readonly opened: (link: Link) => void;
  readonly blocked: (isBlocked: boolean) => void;
  readonly lost: () => void;
  /** The broker has returned a message; its confirm comes after. */
  readonly returned: (id: string) => void;
  /** "down" too for a while after a confirm that did not come in time, whatever connection there is, until one comes. */
  readonly status: () => "up" | "blocked" | "down";
  /** Whether a publish would be "unavailable" at once, however little there is of it. */
  readonly isClosed: () => boolean;
  readonly unconfirmed: () => number;
  /** Takes no more, and resolves once what is unconfirmed is settled. */
  readonly end: () => Promise<void>;
};

/** How many bytes may be unconfirmed; one message of any size may always be. */
const WINDOW_BYTES = 32 * 1024 * 1024;

/** How long after a missing confirm a broker that is asked for nothing is not taken for one that confirms. */
const DOUBT_MS = 5_000;

/** What may be under way to the broker, over whatever link there is; it knows nothing of sockets. */
export function openWindow({ window, confirmTimeoutMs, overdue }: WindowOptions): PublishWindow {
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
    if (link === undefined || isClosed()) return "unavailable";
    const bytes = message.body.byteLength;
    const { count, bytes: held } = unconfirmed.size();
    if (count >= window || (count > 0 && held + bytes > WINDOW_BYTES)) return "unavailable";
    const to = link;
    const outcome = await unconfirmed.add(bytes, (id, settle) => to.send(message, id, settle));
    if (outcome === "unroutable" && !isClosing) to.redeclare();
    return outcome;
  }

  function isClosed(): boolean {
    return link === undefined || isBlocked || isClosing;
  }

  function statusNow(): "up" | "blocked" | "down" {
    if (link === undefined || isClosing) return "down";
    if (isBlocked) return "blocked";
    return performance.now() < doubtedUntil ? "down" : "up";
  }

  return {
    async publish(message) {
      const outcome = await send(message);
      if (outcome !== "unavailable") doubtedUntil = 0;
      return outcome;
    },
    probe: send,
    opened(opened) {
      link = opened;
    },
    blocked(blocked) {
      isBlocked = blocked;
    },
    lost() {
      link = undefined;
      isBlocked = false;
      unconfirmed.giveUp();
    },
    returned: unconfirmed.returned,
    status: statusNow,
    isClosed,
    unconfirmed: () => unconfirmed.size().count,
    async end() {
      isClosing = true;
      await unconfirmed.end();
    },
  };
}
