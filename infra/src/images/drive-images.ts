import assert from "node:assert/strict";
import { chownSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "@pedidos/testing";
import { REPOSITORY, type Target } from "./build-images.ts";
import type { Workshop } from "./open-workshop.ts";
import type { Secrets } from "./prepare-servers.ts";
import type { Image } from "./read-image.ts";
import { type Container, type OpenedImage, openImage, runBare } from "./run-container.ts";

type Run = OpenedImage["run"];
/** Milliseconds from the start of a process until it is ready, in its image and as a bare bundle. */
export type ReadyTimes = Partial<Record<Target, { readonly imageMs: number; readonly bareMs: number }>>;

const ORDER = { orderId: 1001, customerId: 1, items: [{ product: "lápis", quantity: 100, unitPrice: "1.10" }] };
/** A container's HOST is 0.0.0.0, where the API wants to be told who may do what. */
const OPEN = { ANONYMOUS_SCOPES: "orders:write,orders:read" };

function environment(folder = "/run/secrets"): Record<string, string> {
  return { DATABASE_URL_FILE: `${folder}/database-url`, AMQP_URL_FILE: `${folder}/amqp-url`, LOG_LEVEL: "warn" };
}

/** Runs migrate, consumer and API from their images on real servers, each as the role and the broker's user that it has, and takes one order from end to end. */
export async function driveSystem(
  workshop: Workshop,
  images: Record<Target, Image>,
  secrets: Secrets,
): Promise<ReadyTimes> {
  const [api, consumer, migrate] = await Promise.all([
    openImage(workshop, images.api),
    openImage(workshop, images.consumer),
    openImage(workshop, images.migrate),
  ]);
  await finish(await migrate.run({ env: environment(), volumes: { "/run/secrets": secrets.migrate } }));
  await assertConfined(api.run, { shell: false });
  await assertConfined(consumer.run, { shell: false });
  await assertConfined(migrate.run, { shell: false });

  const ports = { PORT: `${await findFreePort()}`, HEALTH_PORT: `${await findFreePort()}` };
  const ofNothing = await api.run({ env: ports, command: healthCheck("api") });
  assert.notEqual(await ofNothing.ended, 0, "a health check where nothing runs");
  const apps: Record<"api" | "consumer", App> = {
    consumer: { opened: consumer, secrets: secrets.consumer, port: ports.HEALTH_PORT, env: ports },
    api: { opened: api, secrets: secrets.api, port: ports.PORT, env: { ...ports, ...OPEN } },
  };
  const runningConsumer = await startFromImage(apps.consumer);
  const runningApi = await startFromImage(apps.api);
  const base = `http://127.0.0.1:${ports.PORT}`;
  await takeAnOrder(base);
  await assertDocs(base);
  await finish(await api.run({ env: ports, command: healthCheck("api") }));
  await finish(await consumer.run({ env: ports, command: healthCheck("consumer") }));
  await stop(runningApi.container);
  await stop(runningConsumer.container);
  return { api: await timeStarts(apps.api), consumer: await timeStarts(apps.consumer) };
}

type App = {
  readonly opened: OpenedImage;
  /** The folder that holds its secrets. */
  readonly secrets: string;
  readonly port: string;
  readonly env: Readonly<Record<string, string>>;
};
type Started = { readonly container: Container; readonly readyMs: number };

function startFromImage({ opened, secrets, port, env }: App): Promise<Started> {
  const running = opened.run({ env: { ...environment(), ...env }, volumes: { "/run/secrets": secrets } });
  return start(running, port);
}

function startBare({ opened, secrets, port, env }: App): Promise<Started> {
  return start(runBare(join(opened.files, "app/main.js"), { ...environment(secrets), ...env }), port);
}

/** The best of three each, in turn, as the machine may be busy with something else. */
async function timeStarts(app: App): Promise<{ imageMs: number; bareMs: number }> {
  let [imageMs, bareMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 3; round++) {
    const image = await startFromImage(app);
    await stop(image.container);
    const bare = await startBare(app);
    await stop(bare.container);
    imageMs = Math.min(imageMs, image.readyMs);
    bareMs = Math.min(bareMs, bare.readyMs);
  }
  return { imageMs, bareMs };
}

/** Runs the standalone twice on one volume: what the first recorded, the second knows. */
export async function driveStandalone(workshop: Workshop, image: Image): Promise<void> {
  const { run } = await openImage(workshop, image);
  const data = join(workshop.folder, "volume");
  mkdirSync(data, { mode: 0o700 });
  const [uid = 0, gid = 0] = image.user.split(":").map(Number);
  chownSync(data, uid, gid); // as an engine makes a new volume: like the image's own folder
  await assertConfined(run, { shell: true });
  const PORT = `${await findFreePort()}`;
  const runOnce = async (use: (base: string) => Promise<void>) => {
    const running = run({ env: { ...OPEN, PORT, LOG_LEVEL: "warn" }, volumes: { "/data": data } });
    const { container } = await start(running, PORT);
    await use(`http://127.0.0.1:${PORT}`);
    await finish(await run({ env: { PORT }, command: healthCheck("standalone") }));
    await stop(container);
  };
  await runOnce(takeAnOrder);
  await runOnce(assertRecorded);
}

async function start(running: Promise<Container>, port: string): Promise<Started> {
  const startedAt = performance.now();
  const container = await running;
  await untilReady(`http://127.0.0.1:${port}`, container);
  return { container, readyMs: performance.now() - startedAt };
}

async function stop(container: Container): Promise<void> {
  container.signal("SIGTERM");
  await finish(container);
}

async function untilReady(base: string, process: Container): Promise<void> {
  const ended = process.ended.then((how) => {
    throw new Error(`it ended (${how}) instead of getting ready:\n${process.output()}`);
  });
  const ready = async () => {
    for (let attempt = 0; attempt < 3_000; attempt++) {
      const answer = await fetch(`${base}/health/ready`).catch(() => undefined);
      if (answer?.status === 200 && (await answer.text()).includes('"ready"')) return;
      await sleep(10);
    }
    throw new Error(`it did not get ready in time:\n${process.output()}`);
  };
  await Promise.race([ready(), ended]);
}

async function takeAnOrder(base: string): Promise<void> {
  const answer = await fetch(`${base}/v1/orders`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "wait=20" },
    body: JSON.stringify(ORDER),
  });
  assert.deepEqual(
    [answer.status, await answer.json()],
    [201, { orderId: 1001, customerId: 1, total: "110.00", status: "recorded" }],
  );
  await assertRecorded(base);
}

async function assertRecorded(base: string): Promise<void> {
  const answer = await fetch(`${base}/v1/orders/${ORDER.orderId}`);
  const { total, items } = JSON.parse(await answer.text());
  assert.deepEqual(
    [answer.status, total, items],
    [200, "110.00", ORDER.items.map((i) => ({ ...i, unitPrice: "1.10" }))],
  );
}

/** The page's own files come from the image. */
async function assertDocs(base: string): Promise<void> {
  const page = await fetch(`${base}/docs`);
  const script = (await page.text()).match(/src="([^"]*bundle\.js)"/)?.[1];
  assert(script !== undefined, "the documentation's page has no script");
  const answer = await fetch(new URL(script, page.url));
  const type = answer.headers.get("content-type") ?? "";
  assert.deepEqual([answer.status, /javascript/.test(type)], [200, true], `the documentation's ${script}`);
  await answer.body?.cancel();
}

/** What a process in the image can't do: write to the root, be root, become it, find a shell. */
async function assertConfined(run: Run, expected: { readonly shell: boolean }): Promise<void> {
  const probe = `
    const { existsSync, readFileSync, writeFileSync } = require("node:fs");
    const attempt = (file) => { try { writeFileSync(file, ""); return "written"; } catch (error) { return error.code; } };
    const status = readFileSync("/proc/self/status", "utf8");
    const field = (name) => status.match(new RegExp("^" + name + ":\\\\s*(.*)$", "m"))[1];
    console.log(JSON.stringify({
      user: process.getuid() + ":" + process.getgid(),
      capabilities: field("CapEff"), gainsNone: field("NoNewPrivs"), first: process.pid === 1,
      root: attempt("/x"), app: attempt("/app/main.js"),
      shell: ["/bin/sh", "/usr/bin/sh"].some(existsSync), tools: ["/usr/bin/apt", "/bin/busybox", "/usr/bin/npm"].some(existsSync),
    }));`;
  const container = await run({ command: ["/usr/local/bin/node", "-e", probe] });
  await finish(container);
  assert.deepEqual(JSON.parse(container.output()), {
    user: "65532:65532",
    capabilities: "0000000000000000",
    gainsNone: "1",
    first: true,
    root: "EROFS",
    app: "EROFS",
    shell: expected.shell,
    tools: false,
  });
}

/** The target's health check. OCI images, as buildah writes them here, can't carry one; docker's own can. */
function healthCheck(target: Target): string[] {
  const recipe = readFileSync(join(REPOSITORY, "infra/Dockerfile"), "utf8");
  const stage = recipe.split(/^FROM /m).find((text) => text.includes(` AS ${target}\n`)) ?? "";
  const command: unknown = JSON.parse(stage.match(/^HEALTHCHECK .*CMD (\[.*\])$/m)?.[1] ?? "[]");
  assert(Array.isArray(command) && command.length > 0, `${target} has no health check`);
  return command.map(String);
}

async function finish(container: Container): Promise<void> {
  const how = await container.ended;
  assert.equal(how, 0, `it ended with ${how}:\n${container.output()}`);
}
