import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findOrInstall, findProgram } from "@pedidos/testing";
import amqp from "amqplib";
import { type BrowserContextOptions, chromium } from "playwright-core";
import { bundleOf, REPOSITORY } from "../harness/bundles.ts";
import { runMigrator } from "../harness/run-migrator.ts";
import { startServers } from "../harness/start-servers.ts";
import { startSystem } from "../harness/start-system.ts";
import { findChromium } from "./find-chromium.ts";

// `npx -y pnpm@12 screenshots`: the pictures of docs/images, of the built bundles under made-up traffic. The plot shows a
// quarter of an hour, so that is how long it takes; MINUTES=2 is for a try.
const MINUTES = Number(process.env.MINUTES ?? 15);
const IMAGES = join(REPOSITORY, "docs/images");
const SHOTS: readonly (BrowserContextOptions & { file: string; place: string; press?: RegExp })[] = [
  { file: "now.png", place: "#/", viewport: { width: 1200, height: 1150 }, colorScheme: "light", locale: "en-GB" },
  {
    file: "rejection.png",
    place: "#/rejections",
    press: /not valid/,
    viewport: { width: 1200, height: 900 },
    colorScheme: "dark",
    locale: "en-GB",
  },
  { file: "phone.png", place: "#/", viewport: { width: 390, height: 844 }, colorScheme: "dark", locale: "pt-BR" },
];

const servers = await startServers();
await runMigrator(servers.postgres.url);
const system = await startSystem({
  ...{ databaseUrl: servers.postgres.url, amqpUrl: servers.rabbitmq.url },
  apps: { api: { entry: bundleOf("api") }, consumer: { entry: bundleOf("consumer") } },
});
try {
  await makeTraffic(system.apps.api.base, Date.now() + MINUTES * 60_000, takePictures);
} finally {
  await system.remove();
  await servers.remove();
}

/** Orders as they come in a shop's day, some of them bad; `atEnd` runs while they go on coming. */
async function makeTraffic(base: string, endsAt: number, atEnd: (base: string) => Promise<void>): Promise<void> {
  const connection = await amqp.connect(system.amqpUrl);
  connection.on("error", () => {});
  const channel = await connection.createChannel();
  let [orderId, second, pictures]: [number, number, Promise<void> | undefined] = [48_200, 0, undefined];
  let isOver = false;
  while (!isOver) {
    const rate = 60 + 28 * Math.sin(++second / 70) + 12 * Math.sin(second / 11) + 10 * Math.random();
    for (let n = 0; n < rate; n++) {
      const quantity = second % 40 === 5 && n === 0 ? 0 : 1 + Math.floor(Math.random() * 24);
      const order = {
        orderId: ++orderId,
        customerId: 12_000 + Math.floor(400 * Math.random() ** 2),
        items: [
          { product: "lápis", quantity, unitPrice: 1.1 },
          { product: "caderno espiral", quantity: 2, unitPrice: (4 + 30 * Math.random()).toFixed(2) },
        ],
      };
      const body = JSON.stringify(order);
      if (quantity === 0) channel.publish("orders", "order.submitted", Buffer.from(body));
      else await fetch(`${base}/v1/orders`, { method: "POST", headers: { "content-type": "application/json" }, body });
    }
    await sleep(700);
    if (Date.now() > endsAt)
      pictures ??= atEnd(base).finally(() => {
        isOver = true;
      });
  }
  await pictures;
  await connection.close();
}

async function takePictures(base: string): Promise<void> {
  mkdirSync(IMAGES, { recursive: true });
  const browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
  for (const { file, place, press, ...options } of SHOTS) {
    const page = await (await browser.newContext(options)).newPage();
    await page.goto(`${base}/${place}`);
    if (press !== undefined) await page.getByRole("link", { name: press }).first().click();
    await sleep(4_000);
    const path = join(IMAGES, file);
    await page.screenshot({ path });
    execFileSync(
      findOrInstall(() => findProgram("pngquant"), "pngquant"),
      ["--force", "--skip-if-larger", "--strip", "--output", path, path],
    );
  }
  await browser.close();
}
