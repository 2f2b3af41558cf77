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

test.each([
  ["a desktop", DESKTOP, 501],
  ["a phone", PHONE, 502],
])("%s: a rejection is shown with its faults, fixed, and replayed; another is set aside", async (_, viewport, id) => {
  const channel = await system.channel();
  const publish = (body: string) => channel.publish("orders", "order.submitted", Buffer.from(body));
  publish(`{"orderId":${id},"customerId":9,"items":[{"product":"lápis","quantity":0,"unitPrice":1.1}]}`);
  publish(`not JSON ${id}`);
  await channel.waitForConfirms();
  await until(async () => expect(await openRejections()).toBe(2));

  const { page, errors, expectAccessible } = await browser.open(system.base, { viewport });
  await page.getByRole("link", { name: "Rejections", exact: true }).click();
  await page
    .locator(".pick-list")
    .getByRole("link", { name: /not valid/ })
    .click();
  await page.getByRole("heading", { name: /not valid/ }).waitFor();
  expect(await page.locator(".faulty").textContent()).toMatch(/"quantity": 0,\s+↑ \/items\/0\/quantity is 0/);
  await expectAccessible();
  const editor = page.getByLabel("Corrected order");
  const again = page.getByRole("button", { name: "Submit again", exact: true });
  expect(await again.isDisabled()).toBe(true);
  await editor.fill((await editor.inputValue()).replace('"quantity": 0', '"quantity": 100'));
  await page.getByText("A valid order; its total is 110.00.").waitFor();
  await again.click();
  await page.getByText(`Submitted again as order ${id}.`).waitFor();
  await until(async () => expect((await system.get(`/v1/orders/${id}`)).body).toMatchObject({ total: "110.00" }));

  // What became of it is in view, and where the keyboard is; one key further is the next one.
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain("Submitted again");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: /not JSON/ }).waitFor();
  await page.getByRole("button", { name: "Set aside" }).click();
  await page.getByRole("button", { name: "Yes, set aside" }).click();
  await page.getByText("Set aside.", { exact: true }).waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain("Set aside.");
  await expectAccessible();
  expect(await openRejections()).toBe(0);
  expect(errors).toEqual([]);
});

test("many are submitted again at once, after a dry run that changes nothing", async () => {
  await system.sql(
    `insert into rejections (order_id, first_seen_at, last_seen_at, times, reason, source, errors, body_digest, body)
     select n, now(), now(), 1, 'poison', 'http', '[]', sha256(n::text::bytea),
       convert_to(format('{"orderId":%s,"customerId":11,"items":[{"product":"a","quantity":%s,"unitPrice":1}]}',
         n, case when n = 7003 then 0 else 1 end), 'UTF8')
     from generate_series(7001, 7030) n`,
  );
  const { page, expectAccessible } = await browser.open(`${system.base}/#/rejections?reason=poison`);
  await page.getByRole("button", { name: "Dry run" }).click();
  await page.getByText("29 are valid orders and would be submitted.").waitFor();
  await page.getByText("1 still have faults and stay open.").waitFor();
  await expectAccessible();
  expect(await openRejections()).toBe(30);
  await page.getByRole("button", { name: "Submit 29 again" }).click();
  await page.getByText("29 submitted, 0 stay open.").waitFor();
  expect(await openRejections()).toBe(1);
  await until(async () => expect((await system.get("/v1/customers/11")).body).toMatchObject({ orderCount: 29 }));
  await system.sql("update rejections set status = 'discarded' where status = 'open'");
});

test("a conflict stands beside what is recorded, at an address of its own", async () => {
  for (const quantity of [1, 2]) await system.post("/v1/orders", orderText(901, { quantity }));
  await until(async () => expect(await openRejections()).toBe(1));
  const { page, errors, expectAccessible } = await browser.open(`${system.base}/#/rejections`);
  await page
    .locator(".pick-list")
    .getByRole("link", { name: /conflict/ })
    .click();
  const beside = page.getByRole("region", { name: "Beside what is recorded" });
  await beside.waitFor();
  expect(await beside.locator("mark").count()).toBe(3);
  await page.getByText("Submitted like this it will be refused again").waitFor();
  await expectAccessible();

  // The address survives a reload, and Back leads to the list.
  expect(page.url()).toMatch(/#\/rejections\/\d+$/);
  await page.reload();
  await beside.waitFor();
  await page.goBack();
  await beside.waitFor({ state: "hidden" });
  await page.goForward();
  await beside.waitFor();
  const editor = page.getByLabel("Corrected order");
  await editor.fill((await editor.inputValue()).replace('"quantity": 2', '"quantity": 1'));
  await page.getByText("This is what is recorded as order 901 already").waitFor();
  await editor.fill((await editor.inputValue()).replace('"orderId": 901', '"orderId": 902'));
  await page.getByText(/A valid order; its total is/).waitFor();
  await page.goto(`${system.base}/#/rejections/999999`);
  await page.getByText("There is no rejection 999999.").waitFor();
  expect(errors).toEqual([]);
});

test("rejections are counted by reason, source and day, and those of a filter set aside at once", async () => {
  await system.sql("update rejections set status = 'discarded' where status = 'open'");
  await system.sql(
    `insert into rejections (first_seen_at, last_seen_at, times, reason, source, errors, body_digest, body)
     select '2026-01-02T12:00:00Z', now(), 1, 'invalid_json', case n % 2 when 0 then 'pedidos' else 'orders.intake' end,
       '[]', sha256(n::text::bytea), n::text::bytea
     from generate_series(1, 500) n`,
  );
  const { page, errors, expectAccessible } = await browser.open(`${system.base}/#/rejections`, { timezoneId: "UTC" });
  await page.getByRole("heading", { name: "500 rejections" }).waitFor();
  await page.locator(".counts").getByRole("link", { name: "queue pedidos" }).click();
  await page.getByRole("heading", { name: "250 rejections" }).waitFor();
  await page.locator(".counts").getByRole("link", { name: "Jan 2, 2026" }).click();
  await page.getByRole("heading", { name: "250 rejections" }).waitFor();
  expect(page.url()).toMatch(/source=pedidos&day=2026-01-02$/);
  await page.getByRole("button", { name: "Count them" }).click();
  await page.getByText("This would set 250 open rejections aside.").waitFor();
  await expectAccessible();
  expect(await openRejections()).toBe(500);
  await page.getByRole("button", { name: "Set 250 aside" }).click();
  await page.getByText("250 were set aside.").waitFor();
  expect(await openRejections()).toBe(250);
  await page.getByRole("heading", { name: "0 rejections" }).waitFor();
  await page.goBack();
  await page.goBack();
  await page.getByRole("heading", { name: "250 rejections" }).waitFor();
  await system.sql("update rejections set status = 'discarded' where status = 'open'");
  expect(errors).toEqual([]);
});

async function openRejections(): Promise<number> {
  const rows = await system.sql<{ count: number }>("select count(*)::int from rejections where status = 'open'");
  return rows[0]?.count ?? Number.NaN;
}
