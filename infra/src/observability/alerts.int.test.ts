import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findPromtool } from "./find-promtool.ts";

const FOLDER = join(import.meta.dirname, "../../observability");
const promtool = findPromtool();

function run(folder: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: folder, encoding: "utf8" });
  return { status, output: stdout + stderr };
}

test("promtool finds prometheus.yml and alerts.yml valid", () => {
  const { status, output } = run(FOLDER, "check", "config", "prometheus.yml");
  expect(status, output).toBe(0);
  expect(output).toMatch(/SUCCESS: \d+ rules found/);
});

test("the alerts fire in the situations of alerts.test.yml, and in no other", () => {
  const { status, output } = run(FOLDER, "test", "rules", "alerts.test.yml");
  expect(status, output).toBe(0);
});

test("those tests notice an alert that is changed", () => {
  const folder = mkdtempSync(join(tmpdir(), "alerts-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(FOLDER, folder, { recursive: true });
  const rules = readFileSync(join(folder, "alerts.yml"), "utf8");
  const changed = rules.replace('{queue="orders.dead-letter"}) > 0', '{queue="orders.dead-letter"}) > 2');
  expect(changed).not.toBe(rules);
  writeFileSync(join(folder, "alerts.yml"), changed);
  const { status, output } = run(folder, "test", "rules", "alerts.test.yml");
  expect(status).not.toBe(0);
  expect(output).toContain("PedidosDeadLetters");
});
