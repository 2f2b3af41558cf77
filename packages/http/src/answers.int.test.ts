import * as contract from "@pedidos/contract";
import { deadLetterMessage } from "@pedidos/messaging";
import { freshVirtualHost } from "@pedidos/testing";
import amqp from "amqplib";
import Type, { type TSchema } from "typebox";
import { Value } from "typebox/value";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { apiOnRealParts, orderText } from "./testing/api-on-real-parts.ts";

type Media = Readonly<Record<string, { readonly schema: object }>>;
type Operation = { readonly responses: Readonly<Record<string, { readonly content?: Media }>> };
type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

let api: Awaited<ReturnType<typeof apiOnRealParts>>;
let paths: Paths;
const closing: (() => Promise<unknown>)[] = [];

/** Something of every kind is there: recorded, refused, rejected, replayed, discarded, dead, deferred, paused, repaired. */
beforeAll(async () => {
  const host = await freshVirtualHost();
  closing.push(host.drop);
  api = await apiOnRealParts(host.url);
  closing.push(api.close);
  await api.record(orderText(1_001), orderText(1_001, 2), orderText(1_002, 3), '{"orderId":2}', "not json", "nor this");
  await api.db.updateTable("customers").set({ order_count: 7 }).where("customer_id", "=", 3).execute();
  const refused = { order_id: 3, refusals: 1, refused_for: "23514", retry_at: "2100-01-01T00:00:00Z" };
  await api.db
    .insertInto("spool")
    .values({ ...refused, body: Buffer.from(orderText(3)), source: "http" })
    .execute();
  const client = await amqp.connect(host.url);
  closing.push(() => client.close());
  const channel = await client.createConfirmChannel();
  await vi.waitFor(async () => expect((await ask("get", "/v1/dead-letters")).status).toBe(200), 30_000);
  for (const text of ["first", "second"]) {
    const { exchange, routingKey, body } = deadLetterMessage(Buffer.from(text), "orders.intake");
    channel.publish(exchange, routingKey, Buffer.from(body));
  }
  await channel.waitForConfirms();
  paths = JSON.parse((await ask("get", "/openapi.json")).text).paths;
});
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

async function ask(method: string, path: string, { body, type = "application/json" }: Sent = {}) {
  const headers = body === undefined ? {} : { "content-type": type };
  const reply = await fetch(api.url + path, { method, headers, body: body ?? null });
  const [media = ""] = (reply.headers.get("content-type") ?? "").split(";");
  return { status: reply.status, media, text: await reply.text() };
}
type Sent = { readonly body?: string; readonly type?: string };

/** → the schema as it stands in the contract, with no member left open. */
function resolve(schema: object): TSchema {
  if ("anyOf" in schema && Array.isArray(schema.anyOf)) return Type.Union(schema.anyOf.map(resolve));
  if (!("$ref" in schema)) return contract.strict(schema);
  const id = String(schema.$ref).split("/").at(-1);
  const found = Object.values(contract).find((one) => typeof one === "object" && "$id" in one && one.$id === id);
  if (typeof found !== "object") throw new Error(`the contract has no ${id}`);
  return contract.strict(found);
}

type Checked = { readonly status: number; readonly faults: readonly unknown[] };

/** → what is wrong with an answer, by what the document says of it. */
async function check(method: string, template: string, path: string, sent?: Sent): Promise<Checked> {
  const { status, media, text } = await ask(method, path, sent);
  const schema = paths[template]?.[method]?.responses[status]?.content?.[media]?.schema;
  if (schema === undefined) return { status, faults: [`${status} ${media} is not described: ${text}`] };
  const values = media === "application/x-ndjson" ? text.trimEnd().split("\n") : [text];
  const faults = values.flatMap((value) => Value.Errors(resolve(schema), JSON.parse(value)));
  return { status, faults };
}

const PARAMETERS: Readonly<Record<string, readonly (string | number)[]>> = {
  orderId: [1_001, 2, 3, 99, "x"],
  customerId: [1, 99, 0],
  rejectionId: [1, 2, 99],
  codigo: [1_001, 1, 99, "x"],
};

test("every answer to GET is what the document and the contract say", async () => {
  const templates = Object.keys(paths).filter((template) => {
    const content = paths[template]?.get?.responses[200]?.content;
    return content !== undefined && "application/json" in content;
  });
  expect(templates.length).toBeGreaterThan(15);
  for (const template of templates) {
    const name = /\{(\w+)\}/.exec(template)?.[1];
    const asked = name === undefined ? [template] : (PARAMETERS[name] ?? []).map((value) => fill(template, value));
    const answers = await Promise.all(asked.map((path) => check("get", template, path)));
    expect([template, answers.flatMap(({ faults }) => faults)]).toEqual([template, []]);
    expect([template, answers.map(({ status }) => status)]).toEqual([template, expect.arrayContaining([200])]);
  }
});

const fill = (template: string, value: string | number) => template.replace(/\{\w+\}/, String(value));

test("so are those to what changes something, and then the audit's", async () => {
  const { deadLetters } = JSON.parse((await ask("get", "/v1/dead-letters")).text);
  const lines = [orderText(1_001, 5), orderText(2), orderText(4), "{"].join("\n");
  const ndjson = { body: lines, type: "application/x-ndjson" };
  const changes: [method: string, template: string, status: number, path?: string, sent?: Sent][] = [
    ["post", "/v1/orders", 202, "", { body: orderText(5) }],
    ["post", "/v1/orders", 400, "", { body: '{"orderId":5}' }],
    ["post", "/v1/orders/batch", 200, "", ndjson],
    ["post", "/v1/orders/reconcile", 200, "", ndjson],
    ["post", "/v1/customers/recount", 200, "?repair=true"],
    ["post", "/v1/rejections/{rejectionId}/replay", 202, "1", { body: orderText(6) }],
    ["post", "/v1/rejections/{rejectionId}/replay", 409, "1"],
    ["put", "/v1/consuming", 200, "", { body: '{"paused":true}' }],
    ["post", "/pedido", 400, "", { body: "{}" }],
  ];
  for (const [method, template, status, rest = "", sent] of changes) {
    const path = template.includes("{") ? fill(template, rest) : template + rest;
    expect([path, await check(method, template, path, sent)]).toEqual([path, { status, faults: [] }]);
  }
  const closed = ["/v1/rejections/2/discard", `/v1/dead-letters/${deadLetters[0].deadLetterId}/requeue`];
  for (const path of closed) expect([path, (await ask("post", path)).status]).toEqual([path, 204]);
  expect(await check("get", "/v1/audit", "/v1/audit")).toEqual({ status: 200, faults: [] });
  const { entries } = JSON.parse((await ask("get", "/v1/audit")).text);
  expect(new Set(entries.map(({ action }: { action: string }) => action)).size).toBe(5);
});
