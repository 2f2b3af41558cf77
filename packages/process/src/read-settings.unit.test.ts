import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readSettings } from "./read-settings.ts";
import * as settings from "./settings.ts";

const definitions = {
  DATABASE_URL: settings.DATABASE_URL,
  PORT: settings.port("the port", 3000),
  LOG_LEVEL: settings.LOG_LEVEL,
  FILE: settings.optional(settings.text("a file", "")),
};
const DATABASE_URL = "postgres://user:s3cret@localhost/db";

describe("settings", () => {
  test("are read, with defaults for what is left out or empty", () => {
    expect(readSettings({ DATABASE_URL, PORT: "" }, definitions)).toEqual({
      kind: "settings",
      settings: { DATABASE_URL, PORT: 3000, LOG_LEVEL: "info", FILE: undefined },
    });
    expect(readSettings({ DATABASE_URL, PORT: "0", FILE: "x", LOG_LEVEL: "warn" }, definitions)).toMatchObject({
      settings: { PORT: 0, FILE: "x", LOG_LEVEL: "warn" },
    });
  });

  test("that are bad or missing are named together, each with what it is for, no secret shown", () => {
    const read = readSettings(
      { DATABASE_URL: "mysql://user:s3cret@h/db", PORT: "65536", LOG_LEVEL: "loud" },
      definitions,
    );
    const problems = read.kind === "problems" ? read.problems.join("\n") : "";
    expect(problems.split("\n")).toHaveLength(3);
    expect(problems).toMatch(/^DATABASE_URL is no postgres:\/\/ or postgresql:\/\/ URL: the PostgreSQL database/);
    expect(problems).toContain('PORT is "65536", not a port from 0 to 65535: the port');
    expect(problems).toContain('LOG_LEVEL is "loud", not one of trace, debug');
    expect(problems).not.toContain("s3cret");
    expect(readSettings({}, definitions)).toMatchObject({
      problems: ["DATABASE_URL is missing: the PostgreSQL database, postgres://user:password@host:5432/name"],
    });
  });

  test.each(["-1", "1.5", "1e3", " 80", "http"])("PORT %j is no port", (PORT) => {
    expect(readSettings({ DATABASE_URL, PORT }, definitions).kind).toBe("problems");
  });

  test("that may hold a password are read from the file that NAME_FILE names, and no other setting is", () => {
    const file = secretFile(`${DATABASE_URL}\n`);
    expect(readSettings({ DATABASE_URL_FILE: file }, definitions)).toMatchObject({ settings: { DATABASE_URL } });
    expect(readSettings({ DATABASE_URL_FILE: file, PORT_FILE: file }, definitions)).toMatchObject({
      settings: { DATABASE_URL, PORT: 3000 },
    });
    const optional = { DATABASE_URL: settings.optional(settings.DATABASE_URL) };
    expect(readSettings({ DATABASE_URL_FILE: file }, optional)).toMatchObject({ settings: { DATABASE_URL } });
    expect(readSettings({ DATABASE_URL_FILE: "" }, optional)).toMatchObject({ settings: { DATABASE_URL: undefined } });
  });

  test("from files that are absent, empty, bad, or given twice are reported like the others, no secret shown", () => {
    const problemsOf = (environment: Record<string, string>) => {
      const read = readSettings(environment, definitions);
      return read.kind === "problems" ? read.problems : [];
    };
    const DATABASE_URL_FILE = secretFile("s3cret");
    expect(problemsOf({ DATABASE_URL_FILE: "/nowhere/url" })).toEqual([
      expect.stringContaining("DATABASE_URL_FILE (/nowhere/url) cannot be read (ENOENT): the PostgreSQL database"),
    ]);
    expect(problemsOf({ DATABASE_URL_FILE: secretFile("") })).toEqual([
      expect.stringMatching(/^DATABASE_URL is missing/),
    ]);
    expect(problemsOf({ DATABASE_URL, DATABASE_URL_FILE })).toEqual([
      expect.stringMatching(/^DATABASE_URL and DATABASE_URL_FILE are both set/),
    ]);
    const bad = problemsOf({ DATABASE_URL_FILE });
    expect(bad).toEqual([expect.stringMatching(/^DATABASE_URL is no postgres/)]);
    expect(bad.join()).not.toContain("s3cret");
  });
});

function secretFile(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "settings-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "secret"), content);
  return join(folder, "secret");
}
