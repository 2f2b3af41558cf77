import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@pedidos/testing";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";

/** Runs the built bundle without node_modules; → its exit code and what it printed. */
function run(env: Record<string, string>): Promise<{ code: number | string | null | undefined; output: string }> {
  const folder = mkdtempSync(join(tmpdir(), "migrate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(join(import.meta.dirname, "../dist"), folder, { recursive: true });
  return new Promise((resolve) => {
    execFile(process.execPath, [join(folder, "main.js")], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, output: stdout + stderr }),
    );
  });
}

test("the bundle applies every file once, takes the replaced system's table over and counts what it could not", async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.remove());
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`
    create table pedidos (id serial primary key, codigo_pedido int, codigo_cliente int, valor_total float, created_at timestamp);
    insert into pedidos (codigo_pedido, codigo_cliente, valor_total, created_at)
    values (1, 7, 120, now()), (1, 7, 5, now()), (null, 7, 1, now()), (2, 7, 'NaN', now())
  `);
  const first = await run({ DATABASE_URL: postgres.url });
  expect(first).toEqual({ code: 0, output: expect.stringMatching(/1 orders taken over, 3 rows could not/) });
  const { rows } = await client.query("select order_id, total::text from orders");
  expect(rows).toEqual([{ order_id: "1", total: "120.00" }]);
  expect(await run({ DATABASE_URL: postgres.url })).toEqual({
    code: 0,
    output: expect.stringContaining("was up to date"),
  });
  await client.end();
});

test("a database that is not fit is refused in one line, and left as it is", async () => {
  const postgres = await startPostgres();
  onTestFinished(() => postgres.remove());
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query("create database old encoding 'LATIN1' locale 'C' template template0");
  await client.end();
  const { code, output } = await run({ DATABASE_URL: postgres.url.replace("/postgres?", "/old?") });
  expect([code, output.split("\n")]).toEqual([1, [expect.any(String), ""]]);
  expect(JSON.parse(output)).toMatchObject({
    reason: expect.stringMatching(/^The database old has the encoding LATIN1/),
    msg: "the schema could not be migrated; nothing was changed",
  });
});

test("a database that can't be reached is an error; a missing setting is reported by name", async () => {
  const unreachable = await run({ DATABASE_URL: "postgres://postgres@127.0.0.1:1/postgres" });
  expect(unreachable).toEqual({ code: 1, output: expect.stringContaining("ECONNREFUSED") });
  expect(unreachable.output).not.toContain('"stack"');
  expect(await run({})).toEqual({ code: 78, output: expect.stringContaining("DATABASE_URL is missing") });
});
