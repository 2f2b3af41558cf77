import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DESKTOP, type OpenedBrowser, openBrowser, PHONE } from "./open-browser.ts";
import { orderText, type System, startSystem } from "./start-system.ts";

let system: System;
let browser: OpenedBrowser;
beforeAll(async () => {
  [system, browser] = await Promise.all([startSystem(), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});

/** The newest rate of recorded orders that the plot's figures tell. */
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

test.each([
  ["a phone, dark, in Portuguese", { viewport: PHONE, colorScheme: "dark", locale: "pt-BR" }, "Agora"],
  ["a desktop, light, in English", { viewport: DESKTOP, colorScheme: "light", locale: "en-GB" }, "Now"],
] as const)("%s: every view fits, and is accessible", async (_, options, now) => {
  const { page, errors, expectAccessible } = await browser.open(system.base, options);
  await page.getByRole("link", { name: now, exact: true }).waitFor();
  for (const place of ["#/", "#/orders", "#/orders/1001", "#/orders/999999", "#/customers/7"]) {
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
