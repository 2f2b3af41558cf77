import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "@pedidos/persistence";
import { freshDatabase } from "@pedidos/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveRealParts } from "../testing/api-on-real-parts.ts";

/** Ids that the replaced system's table may hold: both ends of their type, and around 0. Codes are 1, 2, … in their order. */
const IDS = [-2147483648, -2, -1, 0, 1, 2, 2147483647];
const CODES = IDS.map((_, index) => index + 1);

let database: Awaited<ReturnType<typeof freshDatabase>>;
let api: Awaited<ReturnType<typeof serveRealParts>>;
beforeAll(async () => {
  database = await freshDatabase();
  // The migrator can write the old table as well as any other.
  const directory = await mkdtemp(join(tmpdir(), "pedidos-sql-"));
  // Without a time they are all of the same, so that only their ids tell them apart.
  await writeFile(
    join(directory, "0000_replaced.sql"),
    `create table pedidos (id serial primary key, codigo_pedido int, codigo_cliente int, valor_total float, created_at timestamp);
    insert into pedidos select id, code, 1, code, null from unnest('{${IDS.join(",")}}'::int[]) with ordinality as t (id, code)`,
  );
  await migrate({ connectionString: database.url, directory });
  await rm(directory, { recursive: true });
  await migrate({ connectionString: database.url, directory: "infra/sql" });
  api = await serveRealParts(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

async function json(path: string) {
  const reply = await fetch(api.url + path);
  const text = await reply.text();
  expect(reply.status, text).toBe(200);
  return JSON.parse(text);
}

test.each(["/v1/orders", "/v1/customers/1/orders"])("%s: every page's cursor leads on", async (path) => {
  const found: number[] = [];
  let cursor = "";
  do {
    const page = await json(`${path}?limit=1${cursor && `&cursor=${cursor}`}`);
    found.push(...page.orders.map((order: { orderId: number }) => order.orderId));
    cursor = page.nextCursor;
  } while (cursor !== null && found.length <= CODES.length);
  expect(found).toEqual(CODES.toReversed());
});

test("the feed of changes gives each once", async () => {
  const found: number[] = [];
  for (let cursor = ""; found.length <= CODES.length; ) {
    const page = await json(`/v1/changes?limit=1${cursor && `&cursor=${cursor}`}`);
    if (page.changes.length === 0) break;
    found.push(...page.changes.map(({ data }: { data: { orderId: number } }) => data.orderId));
    cursor = page.nextCursor;
  }
  expect(found).toEqual(CODES);
});

test("the replaced system's list goes by their ids, which are the old ones", async () => {
  const { pedidos } = await json("/cliente/1/pedidos");
  expect(pedidos.map(({ id }: { id: number }) => id)).toEqual(IDS);
});
