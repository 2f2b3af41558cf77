import { chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { findFreePort } from "@pedidos/testing";
import amqp from "amqplib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Servers, startServers } from "../harness/start-servers.ts";
import { assertConfined } from "./assert-confined.ts";
import { copySource, type Target, targets } from "./build-images.ts";
import { type Images, makeIds, makeImages } from "./make-images.ts";
import { measureDeploy } from "./measure-deploy.ts";
import { openWorkshop, type Workshop } from "./open-workshop.ts";
import { type Prepared, prepareServers } from "./prepare-servers.ts";
import { readHealthCheck } from "./read-health-check.ts";
import { type OpenedImage, openImage } from "./run-container.ts";
import { finish, type ImageApp, type Started, startFromImage, timeStarts } from "./start-from-image.ts";
import { addedLayers, type ReadyTimes, sumOf, writeSizes, writeTimes } from "./write-tables.ts";

/** The most that an app's image may add to the one that holds Node, compressed. */
const BUDGET_BYTES = 3e6;
const MINUTE_MS = 60_000;

const folder = process.env.PEDIDOS_IMAGES_FOLDER;
if (folder === undefined) throw new Error("run these tests by: npx -y pnpm@12 images");

let workshop: Workshop;
let images: Images;
let again: Record<Target, string>;
beforeAll(async () => {
  workshop = openWorkshop(folder);
  const source = await copySource(workshop);
  // Where nothing of the first build can be found again.
  [images, again] = await Promise.all([makeImages(workshop, source), makeIds(openWorkshop(folder), source)]);
}, 20 * MINUTE_MS);

describe("the images", () => {
  test.each(targets)("%s: the same input gives the same digest", (target) => {
    expect(again[target]).toBe(images[target].id);
  });

  test.each(["api", "consumer", "migrate"] as const)("%s adds at most 3 MB to Node's image, compressed", (target) => {
    const added = addedLayers(images, images[target]);
    expect(added.length).toBeGreaterThan(0);
    expect(sumOf(added).compressedBytes).toBeLessThanOrEqual(BUDGET_BYTES);
  });

  test("a table of their sizes", async () => {
    const copies = { api: await measureDeploy(workshop, "api"), consumer: await measureDeploy(workshop, "consumer") };
    for (const app of ["api", "consumer"] as const)
      expect(sumOf(addedLayers(images, images[app])).compressedBytes).toBeLessThan(copies[app].compressedBytes);
    process.stdout.write(`\n${writeSizes(images, copies)}\n`);
  });
});

const ITEMS = [{ product: "lápis", quantity: 100, unitPrice: "1.10" }];
const orderText = (orderId: number) => JSON.stringify({ orderId, customerId: 1, items: ITEMS });
/** A container's HOST is 0.0.0.0, for which the API requires keys or anonymous scopes. */
const OPEN = { ANONYMOUS_SCOPES: "orders:write,orders:read" };

async function postAndWait(base: string, orderId: number): Promise<void> {
  const headers = { "content-type": "application/json", prefer: "wait=20" };
  const answer = await fetch(`${base}/v1/orders`, { method: "POST", headers, body: orderText(orderId) });
  expect([answer.status, await answer.json()]).toEqual([
    201,
    { orderId, customerId: 1, total: "110.00", status: "recorded" },
  ]);
}

async function expectRecorded(base: string, orderId: number): Promise<void> {
  const answer = await fetch(`${base}/v1/orders/${orderId}`);
  expect([answer.status, await answer.json()]).toEqual([
    200,
    expect.objectContaining({ orderId, total: "110.00", items: ITEMS, status: "recorded" }),
  ]);
}

describe("migrate, API and consumer, each as its role and its broker's user", () => {
  let servers: Servers;
  let prepared: Prepared;
  let opened: Record<"api" | "consumer" | "migrate", OpenedImage>;
  let apps: Record<"api" | "consumer", ImageApp>;
  let running: Record<"api" | "consumer", Started>;

  beforeAll(async () => {
    servers = await startServers();
    prepared = await prepareServers(workshop, servers);
    opened = {
      api: await openImage(workshop, images.api),
      consumer: await openImage(workshop, images.consumer),
      migrate: await openImage(workshop, images.migrate),
    };
    const urls = { DATABASE_URL_FILE: "/run/secrets/database-url", AMQP_URL_FILE: "/run/secrets/amqp-url" };
    const [port, healthPort] = [await findFreePort(), await findFreePort()];
    const env = { ...urls, LOG_LEVEL: "warn", PORT: `${port}`, HEALTH_PORT: `${healthPort}` };
    const volumes = (app: "api" | "consumer") => ({ "/run/secrets": prepared.secrets[app] });
    apps = {
      api: {
        opened: opened.api,
        env: { ...env, ...OPEN, DEAD_LETTERS_AMQP_URL_FILE: "/run/secrets/dead-letters-amqp-url" },
        port,
        volumes: volumes("api"),
      },
      consumer: { opened: opened.consumer, env, port: healthPort, volumes: volumes("consumer") },
    };
  }, 3 * MINUTE_MS);
  afterAll(() => servers.remove());

  test.each(["api", "consumer", "migrate"] as const)("%s can write nowhere, gain nothing, find no shell", (name) =>
    assertConfined(opened[name], { shell: false }),
  );

  test("migrate brings the schema up to date and exits 0", async () => {
    const env = { DATABASE_URL_FILE: "/run/secrets/database-url" };
    await finish(await opened.migrate.run({ env, volumes: { "/run/secrets": prepared.secrets.migrate } }));
  });

  test("a health check fails where nothing runs", async () => {
    const check = await opened.api.run({ env: apps.api.env, command: readHealthCheck("api") });
    expect((await check.exit).code).not.toBe(0);
  });

  test("they get ready", async () => {
    running = { consumer: await startFromImage(apps.consumer), api: await startFromImage(apps.api) };
  });

  test.each(["api", "consumer"] as const)("%s: the health check says so", async (name) => {
    await finish(await opened[name].run({ env: apps[name].env, command: readHealthCheck(name) }));
  });

  test("an order by HTTP is recorded and read back", async () => {
    await postAndWait(running.api.base, 1001);
    await expectRecorded(running.api.base, 1001);
  });

  test("an order by AMQP, from another team's producer, is recorded and read back", async () => {
    const connection = await amqp.connect(prepared.producerUrl);
    const channel = await connection.createConfirmChannel();
    channel.publish("orders", "order.submitted", Buffer.from(orderText(1002)), { persistent: true });
    await channel.waitForConfirms();
    await connection.close();
    await vi.waitFor(() => expectRecorded(running.api.base, 1002), { timeout: 20_000, interval: 50 });
  });

  test("the documentation's page comes with its own files", async () => {
    const page = await fetch(`${running.api.base}/docs`);
    const script = (await page.text()).match(/src="([^"]*bundle\.js)"/)?.[1] ?? "no script";
    const answer = await fetch(new URL(script, page.url));
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, expect.stringMatching(/javascript/)]);
    await answer.body?.cancel();
  });

  test.each(["api", "consumer"] as const)("%s: SIGTERM ends it with 0", (name) => running[name].stop());

  test("each is ready in less than twice the time that its bare bundle takes", async () => {
    const times: ReadyTimes = { api: await timeStarts(apps.api), consumer: await timeStarts(apps.consumer) };
    process.stdout.write(`\n${writeTimes(times)}\n`);
    for (const { imageMs, bareMs } of Object.values(times)) expect(imageMs).toBeLessThan(2 * bareMs);
  });
});

describe("the standalone", () => {
  let opened: OpenedImage;
  let app: ImageApp;
  beforeAll(async () => {
    opened = await openImage(workshop, images.standalone);
    const data = join(workshop.folder, "volume");
    mkdirSync(data, { mode: 0o700 });
    const [uid = 0, gid = 0] = images.standalone.user.split(":").map(Number);
    chownSync(data, uid, gid); // as an engine makes a new volume: like the image's own folder
    const port = await findFreePort();
    app = { opened, port, env: { ...OPEN, PORT: `${port}`, LOG_LEVEL: "warn" }, volumes: { "/data": data } };
  }, MINUTE_MS);

  test("can write nowhere but to its volume, gain nothing", () => assertConfined(opened, { shell: true }));

  test("records an order, says that it is well, ends with 0, and knows the order when it is started again", async () => {
    const first = await startFromImage(app);
    await postAndWait(first.base, 1001);
    await finish(await opened.run({ env: app.env, command: readHealthCheck("standalone") }));
    await first.stop();
    const second = await startFromImage(app);
    await expectRecorded(second.base, 1001);
    await second.stop();
  });
});
