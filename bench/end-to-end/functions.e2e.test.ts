import { freshDatabase, freshVirtualHost } from "@pedidos/testing";
import amqp from "amqplib";
import { expect, onTestFinished, test } from "vitest";
import { runMigrator } from "../harness/run-migrator.ts";
import { type RunningFunction, runFunction } from "./run-function.ts";
import { orderText, until } from "./start-test-system.ts";

async function freshUrls() {
  const [database, vhost] = await Promise.all([freshDatabase(), freshVirtualHost()]);
  onTestFinished(database.drop);
  onTestFinished(vhost.drop);
  return { DATABASE_URL: database.url, AMQP_URL: vhost.url };
}

function start(app: "api" | "consumer", env: Record<string, string>): RunningFunction {
  const running = runFunction(app, { LOG_LEVEL: "warn", ...env });
  onTestFinished(async () => {
    running.kill();
    await running.ended;
  });
  return running;
}

type Request = {
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
};

/** An event of an HTTP API in payload format 2.0, as AWS documents it. */
function httpEvent(method: string, path: string, { headers, body, isBase64Encoded = false }: Request = {}) {
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers: { accept: "*/*", host: "id.execute-api.eu-west-1.amazonaws.com", ...headers },
    requestContext: {
      accountId: "123456789012",
      apiId: "id",
      domainName: "id.execute-api.eu-west-1.amazonaws.com",
      domainPrefix: "id",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "agent" },
      requestId: "JKJaXmPLvHcESHA=",
      routeKey: "$default",
      stage: "$default",
      time: "12/Mar/2020:19:03:58 +0000",
      timeEpoch: 1583348638390,
    },
    ...(body !== undefined && { body }),
    isBase64Encoded,
  };
}

/** What waits in a queue, as the event that Amazon MQ's trigger makes of it. */
async function mqEvent(channel: amqp.Channel, queue: string) {
  const messages = [];
  for (let got = await channel.get(queue); got !== false; got = await channel.get(queue)) {
    channel.ack(got);
    const { contentType = null, headers = {}, deliveryMode } = got.properties;
    const bytes = Object.entries(headers).map(([name, value]) => [name, { bytes: [...Buffer.from(String(value))] }]);
    messages.push({
      basicProperties: { contentType, contentEncoding: null, headers: Object.fromEntries(bytes), deliveryMode },
      redelivered: got.fields.redelivered,
      data: got.content.toString("base64"),
    });
  }
  return { eventSource: "aws:rmq", eventSourceArn: "arn:aws:mq:…", rmqMessagesByQueue: { [`${queue}::/`]: messages } };
}

test("an order from a gateway's event to the queue, from the queue's event to the table, and back out", async () => {
  const env = await freshUrls();
  await runMigrator(env.DATABASE_URL);
  const api = start("api", { ...env, ANONYMOUS_SCOPES: "orders:write,orders:read" });
  const consumer = start("consumer", env);
  const json = { "content-type": "application/json" };
  await until(async () =>
    expect(await api.invoke(httpEvent("GET", "/health/ready"))).toMatchObject({
      statusCode: 200,
      body: expect.stringContaining('"ready"'),
    }),
  );
  const body = orderText(1, { quantity: 3, unitPrice: "0.1" });
  expect(await api.invoke(httpEvent("POST", "/v1/orders", { headers: json, body }))).toMatchObject({
    statusCode: 202,
    headers: { location: "/v1/orders/1" },
    body: '{"orderId":1,"customerId":1,"total":"0.30","status":"accepted"}',
  });
  const batch = [orderText(2), "{", orderText(3)].join("\n");
  const headers = { "content-type": "application/x-ndjson" };
  const encoded = { headers, body: Buffer.from(batch).toString("base64"), isBase64Encoded: true };
  expect(await api.invoke(httpEvent("POST", "/v1/orders/batch", encoded))).toMatchObject({
    statusCode: 200,
    body: expect.stringContaining('"accepted":2,"rejected":1'),
  });

  const connection = await amqp.connect(env.AMQP_URL);
  onTestFinished(() => connection.close());
  const channel = await connection.createChannel();
  expect(await consumer.invoke(await mqEvent(channel, "orders.intake"))).toBe(undefined);
  expect(await api.invoke(httpEvent("GET", "/v1/orders/1"))).toMatchObject({
    statusCode: 200,
    body: expect.stringContaining('"total":"0.30"'),
  });
  expect(await api.invoke(httpEvent("GET", "/v1/orders/3"))).toMatchObject({ statusCode: 200 });

  expect(await api.invoke(httpEvent("GET", "/pedido/1"))).toMatchObject({ statusCode: 401 });
  expect(await api.invoke(httpEvent("POST", "/v1/orders", { headers: json, body: "{" }))).toMatchObject({
    statusCode: 400,
    headers: { "content-type": expect.stringContaining("application/problem+json") },
  });
  expect(await api.invoke(httpEvent("GET", "/docs/static/favicon-32x32.png"))).toMatchObject({
    statusCode: 200,
    isBase64Encoded: true,
    body: expect.stringMatching(/^iVBOR/),
  });
});

test("behind a gateway access has to be set, though HOST has a loopback address for its default", async () => {
  const api = start("api", await freshUrls());
  expect(await api.ended).toBe(78);
  expect(api.output()).toContain("ANONYMOUS_SCOPES is missing");
});
