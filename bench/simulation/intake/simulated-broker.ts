import type { PublishOutcome } from "@pedidos/broker";
import type { IncomingOrder } from "@pedidos/domain";
import { type Link, openWindow } from "@pedidos/messaging";
import { textOf, type World } from "./simulated-world.ts";

export type SimulatedBroker = {
  readonly publish: (orders: readonly IncomingOrder[]) => Promise<PublishOutcome>;
  /** The connection is gone; another follows. */
  readonly lose: () => void;
  /** It takes no publishes, for a while: reported (an alarm), or silent (frozen). */
  readonly stall: (how: "blocked" | "silent") => void;
  readonly unbind: () => void;
  readonly unconfirmed: () => number;
  readonly end: () => Promise<void>;
};

export type Spoilt = { readonly keepsConnection?: boolean };

type Sent = Parameters<Link["send"]>[0];

const STALLED_MS = 4_000;

/** The shipped window of unconfirmed messages, on connections to a broker in memory. */
export function simulatedBroker(world: World, window: number, { keepsConnection = false }: Spoilt): SimulatedBroker {
  const { scheduler } = world;
  const underWay = openWindow({ window, confirmTimeoutMs: 900, overdue: keepsConnection ? () => {} : lose });
  // The outcome that its sender got, by message.
  const told = new Map<Sent, string>();
  let [connection, isBound, isEnding] = [0, true, false];
  let stalled: "blocked" | "silent" | undefined;
  const unread: (() => void)[] = [];

  const step = (label: string, act: () => void) => void scheduler.schedule(Promise.resolve(), label).then(act);

  function open(): void {
    const here = ++connection;
    const send: Link["send"] = (message, id, settle) => {
      if (isEnding) world.findings.push("published after it was closed");
      const arrive = () => step("the broker reads a message", () => read(message, id, settle));
      const read = (...frame: Parameters<Link["send"]>) => {
        if (connection !== here) return; // reset: what it still held is gone
        if (stalled === undefined) take(here, ...frame);
        else unread.push(arrive);
      };
      arrive();
    };
    const redeclare = () => step("the queue is declared", bind);
    if (stalled === "blocked") underWay.blocked(true);
    underWay.opened({ send, redeclare });
  }

  function take(here: number, ...[message, id, settle]: Parameters<Link["send"]>): void {
    const fate = world.publishFates.pop() ?? "done";
    const isHere = () => connection === here;
    if (fate === "fails") {
      step("a nack arrives", () => isHere() && settle("nack"));
      return;
    }
    const wasBound = isBound;
    if (wasBound) {
      if (told.has(message)) world.findings.push(`stored after it was given up: ${told.get(message)}`);
      for (const text of textOf(message.body).split("\n")) world.queued.add(text);
    }
    if (fate === "done_untold") return;
    step("a confirm arrives", () => {
      if (!isHere()) return;
      if (!wasBound) underWay.returned(id);
      settle("ack");
    });
  }

  function bind(): void {
    isBound = true;
  }

  function lose(): void {
    connection++;
    underWay.lost();
    reopen();
  }
  function reopen(): void {
    const lost = connection;
    step("a connection opens", () => {
      if (connection !== lost) return;
      if (stalled === "silent") unread.push(reopen);
      else open();
    });
  }

  open();
  return {
    async publish(orders) {
      const message: Sent = {
        ...{ exchange: "", routingKey: "orders.intake", contentType: "application/x-ndjson" },
        body: Buffer.from(orders.map(({ body }) => textOf(body)).join("\n")),
      };
      const outcome = await underWay.publish(message);
      told.set(message, outcome);
      return outcome;
    },
    lose,
    stall(how) {
      if (stalled !== undefined) return;
      stalled = how;
      if (how === "blocked") step("an alarm is reported", () => stalled === "blocked" && underWay.blocked(true));
      setTimeout(() => {
        stalled = undefined;
        underWay.blocked(false);
        for (const goOn of unread.splice(0)) goOn();
      }, STALLED_MS);
    },
    unbind() {
      isBound = false;
    },
    unconfirmed: underWay.unconfirmed,
    async end() {
      isEnding = true;
      await underWay.end();
    },
  };
}
