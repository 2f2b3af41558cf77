import { setTimeout as wait } from "node:timers/promises";
import type { Operation, Road, Sent } from "./history.ts";
import { openRandom, type Random } from "./random.ts";
import { openAmqpClient } from "./submit-by-amqp.ts";
import { type Api, openHttpClient } from "./submit-by-http.ts";
import { openWriter, type Shared, type Writer } from "./write-orders.ts";

export type ClientsOptions = {
  readonly seed: number;
  readonly apis: readonly Api[];
  readonly amqpUrl: string;
  readonly record: (operation: Operation) => void;
  /** How many clients each road has. */
  readonly clients?: Readonly<Partial<Record<Road, number>>>;
};

export type Clients = {
  /** Nobody sends any more; resolves when everything that was sent has its outcome. */
  readonly pause: () => Promise<void>;
  readonly resume: () => void;
  /** Ends all clients once everything they sent has its outcome, or after a time; the others are abandoned. */
  readonly stop: (limitMs: number) => Promise<void>;
};

const CLIENTS: Readonly<Record<Road, number>> = { single: 6, wait: 3, pedido: 2, batch: 1, message: 3, lines: 1 };
const PAUSE_MS: Readonly<Record<Road, number>> = {
  single: 20,
  wait: 20,
  pedido: 20,
  batch: 400,
  message: 20,
  lines: 400,
};
const LOST_PAUSE_MS = 200;
const MOST_LINES = 64;

/** Clients of all roads that submit as fast as they are answered, with short pauses. */
export function runClients(options: ClientsOptions): Clients {
  const { seed, apis, amqpUrl, record } = options;
  const shared: Shared = { nextId: 1, recent: [] };
  const http = apis.map((api) => openHttpClient(api, record));
  const amqp = openAmqpClient(amqpUrl, record);
  let stopping = false;
  let gate = { open: Promise.resolve(), release: () => {} };
  let active = 0;
  let watchers: (() => void)[] = [];

  async function step(road: Road, random: Random, writer: Writer): Promise<void> {
    const many = () => Array.from({ length: random.integer(2, MOST_LINES) }, () => writer.next("english"));
    const one = (): Sent[] => [writer.next(road === "pedido" ? "portuguese" : "english")];
    if (road === "message" || road === "lines") {
      const outcome = await amqp.submit(road === "lines" ? many() : one(), random.pick(["\n", "\r\n"]));
      if (outcome?.kind !== "confirmed") await wait(LOST_PAUSE_MS);
      return;
    }
    const lines = road === "batch" ? many() : one();
    // A client that is not answered with a success tries the other one, as behind a balancer.
    for (let attempt = random.integer(0, 1), tries = 0; tries < 3 && !stopping; attempt++, tries++) {
      const outcome = await http[attempt % http.length]?.submit(road, lines);
      if (outcome?.kind === "answered" && outcome.status < 500) return;
      await wait(LOST_PAUSE_MS);
    }
  }

  async function run(road: Road, name: string): Promise<void> {
    const random = openRandom(seed, name);
    const writer = openWriter(random, shared);
    while (!stopping) {
      await gate.open;
      if (stopping) return;
      active++;
      await step(road, random, writer);
      active--;
      if (active === 0) for (const notify of watchers.splice(0)) notify();
      await wait(random.next() * 2 * PAUSE_MS[road]);
    }
  }

  const roads: readonly Road[] = ["single", "wait", "pedido", "batch", "message", "lines"];
  const running = roads.flatMap((road) =>
    Array.from({ length: options.clients?.[road] ?? CLIENTS[road] }, (_, index) => run(road, `${road} ${index}`)),
  );
  const idle = () => (active === 0 ? Promise.resolve() : new Promise<void>((resolve) => watchers.push(resolve)));
  return {
    pause() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = { open: promise, release: resolve };
      return idle();
    },
    resume: () => gate.release(),
    async stop(limitMs) {
      stopping = true;
      gate.release();
      await Promise.race([Promise.all(running), wait(limitMs, undefined, { ref: false })]);
      for (const client of http) client.close();
      await amqp.close();
      await Promise.all(running);
      watchers = [];
    },
  };
}
