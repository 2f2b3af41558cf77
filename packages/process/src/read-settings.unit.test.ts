import { describe, expect, test } from "vitest";
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
});
