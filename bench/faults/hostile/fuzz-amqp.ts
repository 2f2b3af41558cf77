import { setTimeout as wait } from "node:timers/promises";
import amqp from "amqplib";
import fc from "fast-check";
import pg from "pg";
import { isRecord, parse } from "../content.ts";
import { checkBlocking, type FuzzOptions } from "./fuzz-http.ts";
import { MEBIBYTE } from "./hostile-bodies.ts";
import { HOSTILE_MESSAGES, type HostileMessage, linesOf, type MessageKind } from "./hostile-messages.ts";
import { judgeFaults } from "./judge-answers.ts";
import type { WatchedSystem } from "./start-watched.ts";

const SETTLED_WITHIN_MS = 90_000;
const REASONS = new Set(["invalid_json", "invalid_order", "order_conflict"]);

export type AmqpFuzz = {
  /** Throws groups of messages, as many messages as cases or a few more. → how many lines ended as what. */
  readonly run: (kind: MessageKind, options: FuzzOptions) => Promise<Record<string, number>>;
  readonly close: () => Promise<void>;
};

/** Throws messages at the queues; every line of them must become an order, or a rejection that says what is wrong. */
export async function openAmqpFuzz(system: WatchedSystem): Promise<AmqpFuzz> {
  const connection = await amqp.connect(system.amqpUrl);
  const channel = await connection.createConfirmChannel();
  const database = new pg.Client({ connectionString: system.databaseUrl });
  await database.connect();
  let oversized = 0;

  async function publish(messages: readonly HostileMessage[]): Promise<void> {
    for (const { to, body, contentType, properties } of messages) {
      const options = { persistent: true, ...(contentType !== undefined && { contentType }), ...properties };
      if (to === "orders") channel.publish("orders", "order.submitted", body, options);
      else channel.sendToQueue("pedidos", body, options);
    }
    await channel.waitForConfirms();
  }

  /** → what became of each of these lines; undefined for those of which nothing has become yet. */
  async function outcomesOf(lines: readonly Buffer[], since: string): Promise<(string | undefined)[]> {
    const { rows } = await database.query<{ body: Buffer; reason: string; errors: unknown }>(
      "select body, reason, errors from rejections where last_seen_at >= $1",
      [since],
    );
    const rejections = new Map(rows.map((row) => [row.body.toString("latin1"), row]));
    const ids = lines.map(orderIdOf);
    const recorded = await database.query<{ order_id: string }>(
      "select order_id from orders where order_id = any($1)",
      [ids.filter((id) => id !== undefined)],
    );
    const recordedIds = new Set(recorded.rows.map((row) => Number(row.order_id)));
    return lines.map((line, index) => {
      const rejection = rejections.get(line.toString("latin1"));
      if (rejection === undefined) return recordedIds.has(ids[index] ?? 0) ? "recorded" : undefined;
      const found = judgeFaults(rejection.errors);
      if (found !== undefined) throw new Error(`rejected with ${rejection.reason}, but ${found}`);
      if (!REASONS.has(rejection.reason)) throw new Error(`rejected with ${rejection.reason}`);
      return rejection.reason;
    });
  }

  async function settle(messages: readonly HostileMessage[], since: string): Promise<string[]> {
    const lines = messages.filter(({ body }) => body.length <= MEBIBYTE).flatMap(linesOf);
    oversized += messages.filter(({ body }) => body.length > MEBIBYTE).length;
    for (const deadline = Date.now() + SETTLED_WITHIN_MS; ; await wait(10)) {
      if (system.badEnds.length > 0) throw new Error(JSON.stringify(system.badEnds));
      const outcomes = await outcomesOf(lines, since);
      const { messageCount } = await channel.checkQueue("orders.dead-letter");
      const settled = outcomes.filter((outcome) => outcome !== undefined);
      if (settled.length === lines.length && messageCount === oversized) return settled;
      if (Date.now() < deadline) continue;
      const first = lines[outcomes.indexOf(undefined)]?.toString("latin1", 0, 200);
      throw new Error(
        `${lines.length - settled.length} lines became nothing, ${messageCount} dead letters of ${oversized}: ${first}`,
      );
    }
  }

  async function time(messages: readonly HostileMessage[]): Promise<{ outcomes: string[]; longestBlockMs: number }> {
    await system.watches.consumer.ask();
    const { rows } = await database.query<{ now: string }>("select clock_timestamp()::text as now");
    await publish(messages);
    const outcomes = await settle(messages, rows[0]?.now ?? "");
    return { outcomes, longestBlockMs: (await system.watches.consumer.ask()).longestBlockMs };
  }

  return {
    async run(kind, { seed, cases }) {
      const counts: Record<string, number> = {};
      await fc.assert(
        fc.asyncProperty(HOSTILE_MESSAGES[kind], async (messages) => {
          const { outcomes, longestBlockMs } = await time(messages);
          for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
          await checkBlocking("consumer", longestBlockMs, async () => (await time(messages)).longestBlockMs);
        }),
        { seed, numRuns: groupsOf(kind, cases), endOnFailure: kind === "large messages" },
      );
      return counts;
    },
    async close() {
      await database.end();
      await connection.close();
    },
  };
}

/** Messages in a group, on average. */
const GROUP = { messages: 20, lines: 4, "large messages": 1 } as const;

function groupsOf(kind: MessageKind, cases: number): number {
  return Math.ceil(cases / GROUP[kind]);
}

function orderIdOf(line: Buffer): number | undefined {
  const value = parse(line.toString());
  if (!isRecord(value)) return undefined;
  const id = value.orderId ?? value.codigoPedido;
  return typeof id === "number" && Number.isSafeInteger(id) ? id : undefined;
}
