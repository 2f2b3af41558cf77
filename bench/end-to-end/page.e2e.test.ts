import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DESKTOP, type OpenedBrowser, openBrowser, PHONE } from "./open-browser.ts";
import { orderText, startTestSystem, type TestSystem, until } from "./start-test-system.ts";

let system: TestSystem;
let browser: OpenedBrowser;
beforeAll(async () => {
  [system, browser] = await Promise.all([startTestSystem(), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});

/** The newest rate of recorded orders that the plot's figures show. */
const recordedFigure = '[data-series="recorded"] dd';

test("an empty system → the first order → the plot moves → the customer, whose file adds up to the total", async () => {
  const { page, errors, expectAccessible } = await browser.open(system.base);
  await page.getByRole("button", { name: "Send this order" }).waitFor();
  await expectAccessible();
  await page.getByRole("button", { name: "Send this order" }).click();
  await page.getByRole("row", { name: /1001/ }).waitFor();

  for (let id = 2; id <= 120; id++)
    expect((await system.post("/v1/orders", orderText(id, { customerId: 7, unitPrice: "0.1" }))).status).toBe(202);
  await expect.poll(() => page.locator(recordedFigure).textContent(), { timeout: 20_000 }).toMatch(/[1-9]/);
  await page.getByRole("img", { name: /Orders a second/ }).waitFor();
  await expectAccessible();
  // What the plot shows is kept by the server.
  await page.reload();
  await expect.poll(() => page.locator(recordedFigure).textContent()).toMatch(/\d/);
  await page.locator(".lines canvas").waitFor();

  await page.getByRole("link", { name: "Orders", exact: true }).click();
  await page.getByLabel("Customer", { exact: true }).fill("7");
  await page.getByLabel("Customer", { exact: true }).press("Enter");
  await page.getByRole("heading", { name: "Customer 7" }).waitFor();
  await expect.poll(() => page.locator(".facts").textContent()).toContain("23.80");
  // The list goes on by itself.
  await expect
    .poll(async () => {
      await page.keyboard.press("End");
      return await page.locator("tbody tr").count();
    })
    .toBe(119);
  await expectAccessible();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Download CSV" }).click(),
  ]);
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
  const cents = lines.slice(1).map((line) => Math.round(Number(line.split(",")[2]) * 100));
  expect([lines.length, cents.reduce((sum, total) => sum + total, 0)]).toEqual([120, 2_380]);
  expect(errors).toEqual([]);
});

async function openRejections(): Promise<number> {
  const rows = await system.sql<{ count: number }>("select count(*)::int from rejections where status = 'open'");
  return rows[0]?.count ?? Number.NaN;
}

test("a dead letter is inspected, and put back", async () => {
  const channel = await system.channel();
  const body = '{"orderId":601,"customerId":9,"items":[{"product":"a","quantity":6,"unitPrice":"1.00"}]}';
  channel.publish("", "orders.dead-letter", Buffer.from(body), {
    persistent: true,
    contentType: "application/json",
    headers: { "x-first-death-queue": "orders.intake", "x-first-death-reason": "delivery_limit" },
  });
  await channel.waitForConfirms();
  const { page, errors, expectAccessible } = await browser.open(`${system.base}/#/dead-letters`);
  await page.getByText("1 in all").waitFor();
  expect(await page.locator("pre").textContent()).toContain('"orderId": 601');
  await expectAccessible();
  await page.getByRole("button", { name: "Put back" }).click();
  await page.getByText("Put back into its queue.").waitFor();
  await page.getByText("Empty, as it should be.").waitFor();
  await until(async () => expect((await system.get("/v1/orders/601")).body).toMatchObject({ total: "6.00" }));
  expect(errors).toEqual([]);
});

test("recording is paused and resumed: what is sent meanwhile waits", async () => {
  const { page } = await browser.open(system.base);
  await page.getByRole("button", { name: "Pause recording" }).click();
  await page.getByText("Recording is paused. New orders wait.").waitFor();
  await until(async () => expect((await system.readiness())[1].body).toMatchObject({ consuming: "paused" }));
  expect((await system.post("/v1/orders", orderText(701))).status).toBe(202);
  await page.getByRole("button", { name: "Resume recording" }).click();
  await page.getByText("Recording is paused. New orders wait.").waitFor({ state: "hidden" });
  await until(async () => expect((await system.get("/v1/orders/701")).status).toBe(200));
});

test("a conflict is in the headline, which leads to it", async () => {
  for (const quantity of [1, 2]) await system.post("/v1/orders", orderText(801, { quantity }));
  await until(async () => expect(await openRejections()).toBe(1));
  const { page, errors, expectAccessible } = await browser.open(system.base);
  await page.getByRole("heading", { name: /New rejections .*: 1, conflicts among them: 1/ }).waitFor();
  await expectAccessible();
  await page.getByRole("link", { name: "See what to do" }).click();
  await page
    .locator(".pick-list")
    .getByRole("link", { name: /conflict/ })
    .click();
  await page.getByRole("button", { name: "Set aside" }).click();
  await page.getByRole("button", { name: "Yes, set aside" }).click();
  await page.getByText("Set aside.", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Now", exact: true }).click();
  await page.getByRole("heading", { name: /New rejections/ }).waitFor({ state: "hidden" });
  expect(errors).toEqual([]);
});

test("orders wait, and nothing is recorded: the headline says so", async () => {
  system.apps.consumer.signal("SIGSTOP");
  const { page } = await browser.open(system.base);
  try {
    expect((await system.post("/v1/orders", orderText(802))).status).toBe(202);
    // A frozen one is a consumer until the broker notices it.
    await page.getByRole("heading", { name: /No consumer takes orders, and orders wait: at least 1/ }).waitFor();
  } finally {
    system.apps.consumer.signal("SIGCONT");
  }
  await page.getByRole("heading", { name: /No consumer takes orders/ }).waitFor({ state: "hidden" });
});

test("an outage: figures are dimmed and dated, and every view is there again by itself", async () => {
  for (const quantity of [1, 2]) await system.post("/v1/orders", orderText(803, { customerId: 8, quantity }));
  await until(async () => expect(await openRejections()).toBe(1));
  await system.sql("update rejections set status = 'discarded' where status = 'open'");
  const views = [
    ["#/", ".series dd"],
    ["#/orders", "tbody tr"],
    ["#/orders/803", ".facts"],
    ["#/customers/8", ".facts"],
    ["#/rejections?status=", ".pick-list li"],
    ["#/dead-letters", ".good"],
  ] as const;
  const { page, expectAccessible } = await browser.open(system.base);
  const cutOff = () => page.route("**/v1/**", (route) => route.abort());
  await cutOff();
  await page.reload();
  for (const [place, shown] of views) {
    await page.goto(`${system.base}/${place}`);
    await page.getByText("The server does not answer.").first().waitFor();
    await page.unroute("**/v1/**");
    await page.locator(shown).first().waitFor();
    expect([place, await page.getByText("The server does not answer.").count()]).toEqual([place, 0]);
    await cutOff();
  }
  await page.unroute("**/v1/**");
  await page.goto(`${system.base}/#/`);
  await page.locator(".series dd").first().waitFor();
  await cutOff();
  await page
    .getByText(/^As of \d.*:/)
    .first()
    .waitFor();
  await expectAccessible();
  await page.unroute("**/v1/**");
  await page
    .getByText(/^As of /)
    .first()
    .waitFor({ state: "hidden" });
});

test("where keys are needed, behind a prefix, one signs in, sees what the key may do, and signs out", async () => {
  const scopes = ["orders:read", "orders:write", "metrics:read"];
  const guarded = await startTestSystem({
    keys: [{ name: "ana", key: "ana-key", scopes }],
    env: { BASE_PATH: "/of/ana" },
  });
  try {
    const { page, errors, expectAccessible } = await browser.open(`${guarded.base}/of/ana`, { viewport: PHONE });
    await page.getByRole("button", { name: "Sign in" }).click();
    await expectAccessible();
    await page.getByLabel("Key", { exact: true }).fill("wrong");
    await page.getByLabel("Key", { exact: true }).press("Enter");
    await page.getByText("There is no such key.").waitFor();
    await page.getByLabel("Key", { exact: true }).fill("ana-key");
    await page.getByLabel("Key", { exact: true }).press("Enter");
    await page.getByRole("button", { name: "Send this order" }).click();
    // By the stream of events, which the cookie lets in.
    await page.getByRole("row", { name: /1001/ }).waitFor();
    expect(await page.getByRole("link", { name: "Rejections" }).count()).toBe(0);
    expect(await page.evaluate(() => document.cookie)).toBe("");
    await page.reload();
    await page.getByRole("row", { name: /1001/ }).waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(await page.getByRole("row", { name: /1001/ }).count()).toBe(0);
    expect(errors).toEqual([]);
  } finally {
    await guarded.stop();
  }
});

test.each([
  ["a phone, dark, in Portuguese", { viewport: PHONE, colorScheme: "dark", locale: "pt-BR" }, "Agora"],
  ["a desktop, light, in English", { viewport: DESKTOP, colorScheme: "light", locale: "en-GB" }, "Now"],
] as const)("%s: every view fits, and is accessible", async (_, options, now) => {
  const { page, errors, expectAccessible } = await browser.open(system.base, options);
  await page.getByRole("link", { name: now, exact: true }).waitFor();
  const places = [
    "#/",
    "#/orders",
    "#/orders/1001",
    "#/orders/999999",
    "#/customers/7",
    "#/rejections?status=",
    "#/dead-letters",
  ];
  for (const place of places) {
    await page.goto(`${system.base}/${place}`);
    await page.locator("h1").waitFor();
    await page.waitForLoadState("load");
    await page.waitForTimeout(300);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect([place, overflow <= 0]).toEqual([place, true]);
    await expectAccessible();
  }
  expect(errors).toEqual([]);
});

test("language and colours can be switched, and stay so", async () => {
  const { page } = await browser.open(system.base);
  await page.getByLabel("Language").selectOption("pt-BR");
  await page.getByRole("heading", { name: "A caminho" }).waitFor();
  await page.getByLabel("Cores").selectOption("dark");
  await page.reload();
  await page.getByRole("heading", { name: "A caminho" }).waitFor();
  expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset.theme])).toEqual([
    "pt-BR",
    "dark",
  ]);
});

test.each(["/docs", "/docs/"])("%s describes the API, and tries it out, within its policy", async (path) => {
  const { page, errors } = await browser.open(system.base + path);
  await page.getByText("Submit an order", { exact: true }).click();
  await page.getByRole("button", { name: "Try it out" }).click();
  await page.getByRole("button", { name: "Execute" }).click();
  await expect.poll(() => page.locator(".live-responses-table").first().textContent()).toContain('"orderId": 1001');
  expect(errors).toEqual([]);
});
