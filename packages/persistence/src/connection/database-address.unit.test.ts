import pg from "pg";
import { expect, test } from "vitest";
import { databaseAddress } from "./database-address.ts";

/** Printable ASCII; a raw % may be what it says, the beginning of another character. */
const visible = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter((c) => c !== "%");

/** As pg understands it; its types leave the password out. */
function asPgReadsIt(url: string) {
  const client = new pg.Client(databaseAddress(url));
  return { host: client.host, user: client.user, database: client.database, password: Reflect.get(client, "password") };
}

test.each([...visible, "é", "😀"])("a password with a raw %j is what was written, or refused", (character) => {
  for (const password of [`1${character}ss`, character, `2${character}4`]) {
    const url = `postgres://user:${password}@host/name`;
    try {
      expect(asPgReadsIt(url)).toEqual({ host: "host", user: "user", database: "name", password });
    } catch (error) {
      expect(String(error)).toMatch(/^Error: the database's address (has|holds) (a|an|more|white|percent)/);
    }
    const encoded = `postgres://user:${encodeURIComponent(password)}@host/name`;
    expect(asPgReadsIt(encoded)).toEqual({ host: "host", user: "user", database: "name", password });
  }
});

test("limits of a session are left out, everything else stays", () => {
  const socket = "postgresql:///postgres?host=%2Ftmp%2Fx&port=5432&user=postgres&sslmode=disable";
  expect(databaseAddress(socket)).toBe(socket);
  expect(databaseAddress("postgres://u:p@h/d?statement_timeout=1&options=-c%20a%3Db&query_timeout=1")).toBe(
    "postgres://u:p@h/d?options=-c+a%3Db",
  );
  expect(databaseAddress("postgres://u:p@h/d?lock_timeout=1")).toBe("postgres://u:p@h/d");
});
