import { type ChildProcess, spawn } from "node:child_process";
import { hash } from "node:crypto";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";

let folder: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  // Away from every node_modules.
  folder = await mkdtemp(join(tmpdir(), "pedidos-api-"));
  await cp("apps/api/dist", folder, { recursive: true });
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});
afterAll(() => rm(folder, { recursive: true }));

/** Nobody listens there: the API starts with both its roads away. */
const away = { DATABASE_URL: "postgres://u:secret@127.0.0.1:1/d", AMQP_URL: "amqp://u:secret@127.0.0.1:1" };

function start(settings: Record<string, string>) {
  const child = spawn(process.execPath, [join(folder, "main.js")], { cwd: folder, env: { PORT: "0", ...settings } });
  children.push(child);
  const output = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output.out += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    output.err += text;
  });
  const exit = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const listening = async () => {
    await vi.waitFor(() => expect(output.out).toContain('"msg":"listening"'), { timeout: 20_000, interval: 50 });
    return /"url":"(http:[^"]+)"/.exec(output.out)?.[1] ?? "";
  };
  return { child, output, exit, listening };
}

test("bad settings: one message that names all of them and shows no secret, exit code 78", async () => {
  const { exit, output } = start({ ...away, AMQP_URL: "http://u:secret@h", HOST: "0.0.0.0", PORT: "x" });
  expect(await exit).toBe(78);
  for (const name of ["AMQP_URL", "PORT", "ANONYMOUS_SCOPES"]) expect(output.err).toContain(name);
  expect(output.out + output.err).not.toContain("secret");
});

test("the bundle alone starts with everything away, serves its page, and shuts down gracefully", async () => {
  const { child, exit, listening, output } = start(away);
  const url = await listening();
  const status = async (path: string) => (await fetch(url + path)).status;
  expect(await status("/health/live")).toBe(200);
  expect(await status("/health/ready")).toBe(503);
  expect(await status("/v1/orders")).toBe(503);
  const home = await (await fetch(url)).text();
  const parts = [...home.matchAll(/(?:src|href)="\.(\/page\/[^"]+)"/g)].map((match) => match[1] ?? "");
  expect(parts.length).toBeGreaterThan(2);
  for (const file of parts) expect([file, await status(file)]).toEqual([file, 200]);
  const page = await (await fetch(`${url}/docs`)).text();
  const files = [...page.matchAll(/(?:src|href)="([^"]+\.(?:js|css|png))"/g)].map((match) => match[1] ?? "");
  expect(files.length).toBeGreaterThan(3);
  for (const file of files) expect([file, (await fetch(new URL(file, `${url}/docs`))).status]).toEqual([file, 200]);
  const document = await (await fetch(`${url}/openapi.json`)).text();
  const { openapi, paths, components } = JSON.parse(document);
  expect([openapi, Object.keys(paths).length > 20]).toEqual(["3.1.0", true]);
  for (const [, name = ""] of document.matchAll(/"\$ref":"#\/components\/schemas\/([^"]*)"/g))
    expect(components.schemas).toHaveProperty(name);
  child.kill("SIGTERM");
  expect(await exit).toBe(0);
  expect(output.out + output.err).not.toContain("secret");
});

test("keys of a file count, and are read again on SIGHUP", async () => {
  const file = join(folder, "keys.json");
  const write = (key: string) =>
    writeFile(file, JSON.stringify([{ name: key, sha256: hash("sha256", key), scopes: ["orders:read"] }]));
  await write("first");
  const { child, listening, output } = start({ ...away, API_KEYS_FILE: file, HOST: "0.0.0.0" });
  const url = (await listening()).replace("0.0.0.0", "127.0.0.1");
  const status = async (key: string) =>
    (await fetch(`${url}/v1/orders`, { headers: { authorization: `Bearer ${key}` } })).status;
  const signedIn = await fetch(`${url}/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: url },
    body: '{"key":"first"}',
  });
  const cookie = signedIn.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
  const statusOfSession = async () => (await fetch(`${url}/v1/orders`, { headers: { cookie } })).status;
  expect(await statusOfSession()).toBe(503);
  // 503: let in, and the database is away.
  expect([await status("first"), await status("second")]).toEqual([503, 401]);
  await write("second");
  child.kill("SIGHUP");
  await vi.waitFor(async () => expect(await status("second")).toBe(503), 5_000);
  expect(await status("first")).toBe(401);
  expect(await statusOfSession()).toBe(401);
  await writeFile(file, "[");
  child.kill("SIGHUP");
  await vi.waitFor(() => expect(output.out).toContain("stay as they were"), 5_000);
  expect(await status("second")).toBe(503);
});

test("the bundle bounds the rate, by what is loaded for that alone", async () => {
  const { child, exit, listening } = start({ ...away, RATE_LIMIT: "1" });
  const url = await listening();
  const statuses = [await fetch(`${url}/docs`), await fetch(`${url}/docs`)].map(({ status }) => status);
  expect(statuses).toEqual([200, 429]);
  child.kill("SIGTERM");
  expect(await exit).toBe(0);
});
