import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { REPOSITORY } from "../harness/bundles.ts";
import { runProgram } from "../harness/run-program.ts";
import { RETAIL } from "./retail-orders.ts";

const SECRET = "s3cret";

/** What a password does that holds characters of a URL's own, and what else is easily written wrong. */
const after = (protocol: string) => [
  `${protocol}://user:12/${SECRET}@127.0.0.1:1/name`,
  `${protocol}://user:1?${SECRET}@127.0.0.1:1/name`,
  `${protocol}://user:1#${SECRET}@127.0.0.1:1/name`,
  `${protocol}://user:1@${SECRET}@127.0.0.1:1/name`,
  `${protocol}://user:x,${SECRET}/1@127.0.0.1:1/name`,
  `${protocol}://user@127.0.0.1,${SECRET}/name`,
  `${protocol}://user:%${SECRET}@127.0.0.1:1/name`,
  `${protocol}://user:${SECRET}/name`,
  `${protocol}://127.0.0.1:1/name?${SECRET}`,
  `user:${SECRET}@127.0.0.1`,
];

/** → its exit code and all that it wrote. What has not ended after a minute is killed: it has taken the URL. */
async function run(file: string, env: Readonly<Record<string, string>>, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "pedidos-urls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const all = { PATH: process.env.PATH, PORT: "0", HEALTH_PORT: "0", DATA_DIR: folder, ...env };
  const options = { cwd: folder, env: all, timeout: 60_000, killSignal: "SIGKILL" as const };
  const ran = await runProgram(process.execPath, [join(REPOSITORY, "apps", file), ...args], options);
  return { code: ran.code, output: ran.output + ran.errors };
}

const sound = { DATABASE_URL: "postgres://user:x@127.0.0.1:1/name", AMQP_URL: "amqp://user:x@127.0.0.1:1" };

describe("a URL that is not understood is a bad setting, and nothing of it is shown", () => {
  test.each([
    ["api/dist/main.js", "DATABASE_URL", "postgres"],
    ["api/dist/main.js", "AMQP_URL", "amqp"],
    ["api/dist/main.js", "OTEL_EXPORTER_OTLP_ENDPOINT", "http"],
    ["api/dist/lambda.js", "DATABASE_URL", "postgresql"],
    ["consumer/dist/main.js", "DATABASE_URL", "postgres"],
    ["consumer/dist/main.js", "AMQP_URL", "amqps"],
    ["migrate/dist/main.js", "DATABASE_URL", "postgres"],
    ["standalone/dist/main.js", "DATABASE_URL", "postgres"],
  ])("by %s as %s", async (file, name, protocol) => {
    const check = async (url: string) => {
      const { code, output } = await run(file, { ...sound, ANONYMOUS_SCOPES: "orders:write", [name]: url });
      expect({ url, code, output }).toEqual({ url, code: 78, output: expect.stringContaining(`  ${name} `) });
      expect(output.trimEnd().split("\n")).toHaveLength(2);
      expect(output).not.toContain(SECRET);
    };
    await Promise.all(after(protocol).map(check));
  });

  test("from a file either", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pedidos-urls-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "url");
    writeFileSync(file, `postgres://user:12/${SECRET}@127.0.0.1:1/name\n`);
    const { code, output } = await run("migrate/dist/main.js", { DATABASE_URL_FILE: file });
    expect({ code, output }).toEqual({ code: 78, output: expect.stringContaining("  DATABASE_URL has an @ after") });
    expect(output).not.toContain(SECRET);
  });

  test.each([
    ["DATABASE_URL", "postgres", ["doctor"]],
    ["AMQP_URL", "amqp", ["doctor"]],
    ["AMQP_URL", "amqp", ["send", "--amqp", RETAIL]],
    ["PEDIDOS_URL", "http", ["order", "1"]],
  ] as const)("by the command line, as %s (%s), %j", async (name, protocol, args) => {
    const urls = name === "PEDIDOS_URL" ? [`http://user:${SECRET}@127.0.0.1:1`, ...after(protocol)] : after(protocol);
    const check = async (url: string) => {
      const { code, output } = await run("cli/dist/main.js", { [name]: url }, ...args);
      expect({ url, code, output }).toEqual({ url, code: 64, output: expect.stringContaining(name) });
      expect(output).not.toContain(SECRET);
    };
    await Promise.all(urls.map(check));
  });
});

test("a sound URL whose server is away shows its address alone", async () => {
  const away = { DATABASE_URL: `postgres://user:${SECRET}@127.0.0.1:1/name` };
  const { code, output } = await run("migrate/dist/main.js", away);
  expect([code, output]).toEqual([1, expect.stringContaining("127.0.0.1:1")]);
  expect(output).not.toContain(SECRET);
  const started = await run("standalone/dist/main.js", away);
  expect([started.code, started.output]).toEqual([1, expect.stringContaining("127.0.0.1:1")]);
  expect(started.output).not.toContain(SECRET);
});
