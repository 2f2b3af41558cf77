import { deadLetterMessage } from "@pedidos/messaging";
import { freshVirtualHost } from "@pedidos/testing";
import amqp from "amqplib";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { apiOnRealParts, orderText, serveRealParts } from "../testing/api-on-real-parts.ts";

let host: Awaited<ReturnType<typeof freshVirtualHost>>;
let api: Awaited<ReturnType<typeof apiOnRealParts>>;
/** Another instance on the same database and broker. */
let other: Awaited<ReturnType<typeof serveRealParts>>;
let channel: amqp.ConfirmChannel;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  host = await freshVirtualHost();
  closing.push(host.drop);
  api = await apiOnRealParts(host.url);
  closing.push(api.close);
  other = await serveRealParts(api.databaseUrl, host.url);
  closing.push(other.close);
  const client = await amqp.connect(host.url);
  closing.push(() => client.close());
  channel = await client.createConfirmChannel();
  await vi.waitFor(async () => expect((await list()).depth).toBe(0), 30_000);
});
beforeEach(async () => {
  for (const queue of ["orders.dead-letter", "orders.intake"]) await channel.purgeQueue(queue);
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

type Listed = { deadLetterId: string; body: string } & Record<string, unknown>;
async function list(query = "", url = api.url): Promise<{ deadLetters: Listed[]; depth: number }> {
  // On a busy machine a request may wait longer than its 5 s: that is a 503, and the test retries.
  return await vi.waitFor(async () => {
    const reply = await fetch(`${url}/v1/dead-letters${query}`);
    expect(reply.status).toBe(200);
    return JSON.parse(await reply.text());
  }, 30_000);
}
const requeue = async (id: string, url = api.url) =>
  (await fetch(`${url}/v1/dead-letters/${id}/requeue`, { method: "POST" })).status;

async function kill(...bodies: (string | Buffer)[]): Promise<void> {
  for (const body of bodies) {
    const { exchange, routingKey, contentType } = deadLetterMessage(Buffer.from(body), "orders.intake");
    channel.publish(exchange, routingKey, Buffer.from(body), { contentType, messageId: String(body).slice(0, 20) });
  }
  await channel.waitForConfirms();
}

test("what lies there is shown, bodies up to 64 KiB, and stays", async () => {
  await kill("first", Buffer.from([0xff, 0xfe]), `x${"ç".repeat(40_000)}`, Buffer.alloc(70_000, 0xff));
  const { deadLetters, depth } = await list();
  expect(depth).toBe(4);
  expect(deadLetters.map(({ deadLetterId, body, ...rest }) => [rest.size, rest.bodyEncoding, rest.truncated])).toEqual([
    [5, "utf8", false],
    [2, "base64", false],
    [80_001, "utf8", true],
    [70_000, "base64", true],
  ]);
  expect(deadLetters[0]).toMatchObject({ body: "first", queue: "orders.intake", reason: "unknown", diedAt: null });
  // No character is cut in two.
  expect(deadLetters[2]?.body).toBe(`x${"ç".repeat(32_767)}`);
  expect(Buffer.from(deadLetters[3]?.body ?? "", "base64")).toHaveLength(65_536);
  expect(await list("?limit=1")).toEqual({ deadLetters: deadLetters.slice(0, 1), depth: 4 });
  expect(await list()).toEqual({ deadLetters, depth });
  expect((await fetch(`${api.url}/v1/dead-letters?limit=201`)).status).toBe(400);
});

test("two instances that inspect at once see the same, and the order stays", async () => {
  const names = Array.from({ length: 20 }, (_, i) => `letter ${i}`);
  await kill(...names);
  const looks = await Promise.all(
    Array.from({ length: 12 }, (_, i) => list(`?limit=${(i % 4) * 5 + 5}`, i % 2 === 0 ? api.url : other.url)),
  );
  for (const [i, { deadLetters, depth }] of looks.entries()) {
    expect(depth).toBe(20);
    expect(deadLetters.map(({ body }) => body)).toEqual(names.slice(0, (i % 4) * 5 + 5));
  }
});

test("one goes back to where it came from, and the audit names the key; again it is not there", async () => {
  const order = orderText(77);
  await kill("before", order, "after");
  const id = (await list()).deadLetters[1]?.deadLetterId ?? "";
  expect(await Promise.all([requeue(id), requeue(id, other.url), list(), list("", other.url)])).toEqual(
    expect.arrayContaining([204, 404]),
  );
  expect((await list()).deadLetters.map(({ body }) => body)).toEqual(["before", "after"]);
  const message = await channel.get("orders.intake", { noAck: true });
  expect(message && [String(message.content), message.properties.deliveryMode]).toEqual([order, 2]);
  expect(await channel.get("orders.intake", { noAck: true })).toBe(false);
  const audit = JSON.parse(await (await fetch(`${api.url}/v1/audit`)).text());
  expect(audit.entries).toMatchObject([
    { action: "dead_letter.requeued", actor: null, detail: { deadLetterId: id, queue: "orders.intake" } },
  ]);
  expect([await requeue("0".repeat(32)), await requeue("nonsense")]).toEqual([404, 400]);
});

test("where it cannot be put back it stays: the queue it came from is gone", async () => {
  await channel.publish("orders.dead", "pedidos", Buffer.from("old"));
  await channel.waitForConfirms();
  const { deadLetters } = await list();
  expect(deadLetters).toMatchObject([{ queue: "pedidos" }]);
  const reply = await fetch(`${api.url}/v1/dead-letters/${deadLetters[0]?.deadLetterId}/requeue`, { method: "POST" });
  expect([reply.status, reply.headers.get("content-type")]).toEqual([503, "application/problem+json; charset=utf-8"]);
  expect((await list()).deadLetters).toEqual(deadLetters);
});

test("with the broker away it is 503, without one 404, and the problem says so", async () => {
  const away = await serveRealParts(api.databaseUrl, "amqp://guest:guest@127.0.0.1:1");
  const without = await serveRealParts(api.databaseUrl);
  closing.push(away.close, without.close);
  const answers = [];
  for (const url of [away.url, without.url]) {
    const id = "0".repeat(32);
    for (const [path, method] of [
      ["", "GET"],
      [`/${id}/requeue`, "POST"],
    ] as const) {
      const reply = await fetch(`${url}/v1/dead-letters${path}`, { method });
      answers.push([reply.status, JSON.parse(await reply.text()).type]);
    }
  }
  const unavailable = [503, "urn:pedidos:problem:unavailable"];
  const none = [404, "urn:pedidos:problem:no_broker"];
  expect(answers).toEqual([unavailable, unavailable, none, none]);
});

test("without the database they can be seen, and not be put back: the audit could not be written", async () => {
  await kill("seen");
  const blind = await serveRealParts("postgres://nobody@127.0.0.1:1/none", host.url);
  closing.push(blind.close);
  const { deadLetters } = await list("", blind.url);
  expect(deadLetters.map(({ body }) => body)).toEqual(["seen"]);
  await vi.waitFor(async () => expect(await requeue(deadLetters[0]?.deadLetterId ?? "", blind.url)).toBe(503), 30_000);
  expect((await list()).depth).toBe(1);
});
