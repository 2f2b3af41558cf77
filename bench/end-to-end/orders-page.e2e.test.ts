import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type OpenedBrowser, openBrowser, PHONE } from "./open-browser.ts";
import { orderText, startTestSystem, type TestSystem, until } from "./start-test-system.ts";

let system: TestSystem;
let browser: OpenedBrowser;
const LARGEST = Number.MAX_SAFE_INTEGER;
beforeAll(async () => {
  [system, browser] = await Promise.all([startTestSystem(), openBrowser()]);
  const items = Array.from({ length: 20 }, () => ({
    product: "papel",
    quantity: 1_000_000_000,
    unitPrice: "99999999999.9999",
  }));
  const ids = { orderId: LARGEST, customerId: LARGEST };
  await system.post("/v1/orders", JSON.stringify({ ...ids, items }));
  await system.post("/v1/orders", JSON.stringify({ ...ids, items: items.slice(1) }));
  const lines = Array.from({ length: 180 }, (_, index) => orderText(index + 1, { customerId: 7 }));
  const headers = { "content-type": "application/x-ndjson" };
  expect((await system.post("/v1/orders/batch", lines.join("\n"), headers)).status).toBe(200);
  await until(async () => expect(await count("orders")).toBe(181));
  await until(async () => expect(await count("rejections")).toBe(1));
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});

async function count(table: "orders" | "rejections"): Promise<number> {
  const rows = await system.sql<{ count: number }>(`select count(*)::int from ${table}`);
  return rows[0]?.count ?? Number.NaN;
}

test("on a phone no number breaks and nothing is wider than the screen, however many digits there are", async () => {
  const { page, errors, expectAccessible } = await browser.open(system.base, { viewport: PHONE });
  const places = [
    ["#/", ".newest tbody tr"],
    ["#/orders", "tbody tr"],
    [`#/orders/${LARGEST}`, ".timeline"],
    [`#/customers/${LARGEST}`, "tbody tr"],
    ["#/rejections?status=", ".counts"],
    ["#/rejections/1?status=", ".compared"],
  ] as const;
  for (const [place, shown] of places) {
    await page.goto(`${system.base}/${place}`);
    await page.locator(shown).first().waitFor();
    expect([place, await brokenNumbers(page)]).toEqual([place, []]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect([place, overflow <= 0]).toEqual([place, true]);
    await expectAccessible();
  }
  expect(errors).toEqual([]);
});

/** → the numbers that stand on more than one line. */
async function brokenNumbers(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const broken: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
      for (const match of (node.textContent ?? "").matchAll(/\d[\d.,]*\d/g)) {
        const range = document.createRange();
        range.setStart(node, match.index);
        range.setEnd(node, match.index + match[0].length);
        const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
        if (lines.size > 1) broken.push(match[0]);
      }
    return broken;
  });
}

test("an order shows the exact amount of each line, and what happened to it", async () => {
  const { page } = await browser.open(`${system.base}/#/orders/${LARGEST}`);
  await page.locator(".timeline").waitFor();
  expect(await page.locator("tbody tr").first().locator("td").last().textContent()).toBe(
    "99,999,999,999,999,900,000.00",
  );
  await expect.poll(() => page.locator(".timeline li").allTextContents()).toMatchObject({ length: 4 });
  const [accepted, recorded, announced, conflict] = await page.locator(".timeline li").allTextContents();
  expect([accepted, recorded, announced, conflict]).toEqual([
    expect.stringMatching(/^Accepted/),
    expect.stringMatching(/^Recorded/),
    expect.stringMatching(/nnounced/),
    expect.stringMatching(/^Rejected: conflict, open/),
  ]);
  await page.getByRole("link", { name: /Rejected: conflict/ }).click();
  await page.getByRole("region", { name: "Beside what is recorded" }).waitFor();
  await page.emulateMedia({ media: "print" });
  expect(await page.getByRole("navigation").isVisible()).toBe(false);
  expect(await page.getByRole("region", { name: "Beside what is recorded" }).isVisible()).toBe(true);
});

test("Back finds a list as it was left; the period stands in the address; unknown addresses say so", async () => {
  const { page, errors } = await browser.open(`${system.base}/#/orders`);
  const rows = page.locator("tbody tr");
  await expect
    .poll(async () => {
      await page.keyboard.press("End");
      return await rows.count();
    })
    .toBeGreaterThanOrEqual(150);
  await rows.nth(90).scrollIntoViewIfNeeded();
  const [before, shown] = [await page.evaluate(() => scrollY), await rows.count()];
  expect(before).toBeGreaterThan(1_000);
  await rows.nth(90).getByRole("link").first().click();
  await page.getByRole("heading", { name: /^Order \d+$/ }).waitFor();
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.goBack();
  await rows.nth(90).waitFor();
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(before);
  expect(await rows.count()).toBe(shown);

  await page.getByLabel("Recorded from").fill("2020-01-02T03:04");
  await page.getByLabel("until before").fill("2020-01-02T04:00");
  await page.getByText("No orders in this period.").waitFor();
  expect(page.url()).toMatch(/from=2020-01-0.*&to=2020-01-0/);
  await page.reload();
  await page.getByText("No orders in this period.").waitFor();
  expect(await page.getByLabel("Recorded from").inputValue()).toBe("2020-01-02T03:04");
  await page.goBack();
  await rows.first().waitFor();

  for (const place of ["#/nowhere", "#/orders/x", "#/orders/1/2", "#/rejections/0", "#/dead-letters/5"]) {
    await page.goto(`${system.base}/${place}`);
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  }
  expect(errors).toEqual([]);
});

test("the plot has longer ranges, with totals, and its figures under the pointer and by keyboard", async () => {
  const { page, errors, expectAccessible } = await browser.open(`${system.base}/#/?range=hour`);
  await page.getByRole("img", { name: /Orders by the minute, last hour/ }).waitFor();
  await expect.poll(() => page.locator(".plot .facts").textContent()).toContain("181 orders");
  expect(await page.locator(".series").getByText("Time").count()).toBe(0);
  const slider = page.getByRole("slider", { name: "Pick a time" });
  for (let presses = 0; presses < 3; presses++) await slider.press("ArrowLeft");
  await page.locator(".series").getByText("Time").waitFor();
  expect(await slider.getAttribute("aria-valuetext")).toMatch(/: Recorded \d+, Rejected \d+$/);
  await slider.press("End");
  await page.locator(".series").getByText("Time").waitFor({ state: "hidden" });
  await page.locator(".lines .u-over").hover({ position: { x: 300, y: 60 } });
  await page.locator(".series").getByText("Time").waitFor();
  await expectAccessible();
  await page.getByRole("link", { name: "Day", exact: true }).click();
  await page.getByText("Today", { exact: true }).waitFor();
  await page.reload();
  await page.getByText("Today", { exact: true }).waitFor();
  expect(errors).toEqual([]);
});

test("faults are told in the reader's language", async () => {
  const channel = await system.channel();
  const body = '{"orderId":501,"customerId":9,"items":[{"product":"lápis","quantity":0,"unitPrice":1.1}]}';
  channel.publish("orders", "order.submitted", Buffer.from(body));
  await channel.waitForConfirms();
  await until(async () => expect(await count("rejections")).toBe(2));
  const { page } = await browser.open(`${system.base}/#/rejections?reason=invalid_order`, { locale: "pt-BR" });
  await page
    .locator(".pick-list")
    .getByRole("link", { name: /inválido/ })
    .click();
  await page.locator(".fault").first().waitFor();
  expect(await page.locator(".fault").textContent()).toContain("é 0; deve ser um número inteiro de 1 a 1000000000");
  await page.goto(`${system.base}/#/rejections/77`);
  await page.getByText("Não há rejeição 77.").waitFor();
});
