import { scopes } from "@pedidos/contract";
import { readOrder } from "@pedidos/domain";
import { openIntakeBroker } from "@pedidos/messaging";
import { migrate, openDatabase, recordOrders, type Submission } from "@pedidos/persistence";
import { freshDatabase } from "@pedidos/testing";
import { openApi } from "../open-api.ts";
import { silent } from "./serve-for-test.ts";

/** For tests: the API on a real database of its own, with a real broker if there is a URL of one. */
export async function apiOnRealParts(amqpUrl?: string, basePath?: string) {
  const database = await freshDatabase();
  await migrate({ connectionString: database.url, directory: "infra/sql" });
  const db = openDatabase({ connectionString: database.url, applicationName: "test" });
  const api = await serveRealParts(database.url, amqpUrl, basePath);
  return {
    db,
    url: api.url,
    databaseUrl: database.url,
    /** Records what a consumer would: bodies in the English form, and what cannot become an order. */
    record: (...bodies: readonly (string | Buffer)[]) => recordOrders(db, bodies.map(submissionOf)),
    async close() {
      await Promise.all([api.close(), db.destroy()]);
      await database.drop();
    },
  };
}

/** For tests: the API, listening, on a migrated database and, if there is a URL of one, a broker. */
export async function serveRealParts(connectionString: string, amqpUrl?: string, basePath?: string) {
  const broker = amqpUrl === undefined ? undefined : openIntakeBroker({ url: amqpUrl, name: "test", log: silent });
  const access = { anonymousScopes: new Set(scopes), basePath };
  const { app, close } = openApi({ connectionString, broker, access, log: silent });
  await app.listen({ host: "127.0.0.1", port: 0 });
  return { url: app.listeningOrigin, close };
}

function submissionOf(text: string | Buffer): Submission {
  const body = Buffer.from(text);
  const read = readOrder(body);
  const source = "orders.intake";
  if (read.kind === "order") return { kind: "order", source, body, order: read.order };
  const { reason, orderId, faults } = read;
  return { kind: "rejected", source, body, reason, orderId, faults };
}

/** An order as JSON; the total is its quantity. */
export function orderText(orderId: number, customerId = 1, quantity = 1): string {
  return `{"orderId":${orderId},"customerId":${customerId},"items":[{"product":"a","quantity":${quantity},"unitPrice":"1.00"}]}`;
}
