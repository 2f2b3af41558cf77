import fc from "fast-check";
import { FILLINGS, fill, hostileLines, hostileOrder, MEBIBYTE, wordsOf } from "./hostile-bodies.ts";

/** A message for the exchange `orders`, or for the replaced system's queue. */
export type HostileMessage = {
  readonly to: "orders" | "pedidos";
  readonly body: Buffer;
  readonly contentType: string | undefined;
  readonly properties: Readonly<Record<string, unknown>>;
};

const NDJSON_TYPE = "application/x-ndjson";

const properties: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.oneof(
  { weight: 5, arbitrary: fc.constant({}) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Record<string, unknown>>(
      { headers: { source: "http" } },
      { headers: { source: "replay" } },
      { headers: { source: "poison" } },
      { headers: { source: { deep: [1, { __proto__: 1 }] } } },
      { headers: { "x-delivery-count": 1_000, "x-death": [{ count: 99 }] } },
      { headers: Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`h${index}`, "x".repeat(100)])) },
      { contentEncoding: "gzip" },
      { priority: 200, deliveryMode: 1 },
      { replyTo: "orders.intake", correlationId: "x".repeat(255) },
      { type: "", userId: undefined, appId: "\u0000" },
      { timestamp: 2 ** 52 },
    ),
  },
);
const jsonType = fc.constantFrom(
  ...wordsOf("application/json text/plain application/x-ndjso APPLICATION/JSON"),
  ...[undefined, "", "\u0000", "x".repeat(255)],
);
const ndjsonType = fc.constantFrom(
  ...[NDJSON_TYPE, `${NDJSON_TYPE}; charset=utf-8`, "Application/X-NDJSON", ` ${NDJSON_TYPE} `],
);

const message = (
  to: HostileMessage["to"],
  body: fc.Arbitrary<Buffer>,
  contentType: fc.Arbitrary<string | undefined>,
): fc.Arbitrary<HostileMessage> => fc.record({ to: fc.constant(to), body, contentType, properties });

const TINY_LINES = new Set(["short bad lines", "lines of an empty object"]);
const large = fc
  .tuple(
    fc.constantFrom<HostileMessage["to"]>("orders", "orders", "pedidos"),
    fc.constantFrom(...Object.keys(FILLINGS)),
    fc.constantFrom(64 * 1024, MEBIBYTE - 1, MEBIBYTE, MEBIBYTE, MEBIBYTE + 1),
    fc.boolean(),
  )
  .map(
    ([to, filling, bytes, isLines]): HostileMessage => ({
      to,
      body: fill(filling, bytes),
      // Half a million lines that are all the same take a while to be counted as what they are.
      contentType: isLines && to === "orders" && !TINY_LINES.has(filling) ? NDJSON_TYPE : undefined,
      properties: {},
    }),
  );

/** What is thrown at the queues, by kind; messages of a group come together. */
export const HOSTILE_MESSAGES = {
  messages: fc.array(
    fc.oneof(message("orders", hostileOrder.english, jsonType), message("pedidos", hostileOrder.portuguese, jsonType)),
    { minLength: 1, maxLength: 40, size: "max" },
  ),
  lines: fc.array(message("orders", hostileLines, ndjsonType), { minLength: 1, maxLength: 8, size: "max" }),
  "large messages": fc.array(large, { minLength: 1, maxLength: 1 }),
} as const;
export type MessageKind = keyof typeof HOSTILE_MESSAGES;

/** The lines that a message is taken for: each becomes an order or a rejection. */
export function linesOf({ body, contentType }: HostileMessage): Buffer[] {
  if (contentType?.split(";", 1)[0]?.trim().toLowerCase() !== NDJSON_TYPE) return [body];
  const lines = body.toString("latin1").split("\n");
  return lines
    .map((line, index) => (index < lines.length - 1 && line.endsWith("\r") ? line.slice(0, -1) : line))
    .filter((line) => !/^[ \t\r]*$/.test(line))
    .map((line) => Buffer.from(line, "latin1"));
}
