import { expect, test } from "vitest";
import { brokerUrlRules, databaseUrlRules, findUrlFault, httpUrlRules } from "./find-url-fault.ts";

const SECRET = "s3cret";

test.each([
  "postgres://user:password@host:5432/name",
  "postgresql://jo%C3%A3o:p%40%2C%2Fss@host/name?sslmode=verify-full&options=-c%20search_path%3Dx",
  "POSTGRES://host",
  "postgres://user@[::1]:5432/name",
  "postgres://user:pass:word!$&'()*+;=@db_1.example/name",
  "postgresql:///postgres?host=%2Ftmp%2Fx&port=5432&user=postgres&sslmode=disable",
  "postgres://user:password@/name?host=/var/run/postgresql",
  "postgres://user@%2Fvar%2Frun%2Fpostgresql/name",
  "postgres://host/name?statement_timeout=1&application_name=x&options=-c TimeZone=UTC".replace(" ", "%20"),
])("%s is a database's", (url) => {
  expect(findUrlFault(url, databaseUrlRules)).toBeUndefined();
});

test.each(["amqp://host", "amqp://host/", "amqp://host//", "amqps://u:p@host:5671/%2F", "amqp://host/v?heartbeat=10"])(
  "%s is a broker's",
  (url) => {
    expect(findUrlFault(url, brokerUrlRules)).toBeUndefined();
  },
);

test.each([
  ["", /^is no postgres:\/\/ or postgresql:\/\/ URL$/],
  [SECRET, /^is no postgres/],
  [`user:${SECRET}@host/name`, /^is no postgres/],
  [`mysql://user:${SECRET}@host/name`, /^is no postgres/],
  [`postgres:user:${SECRET}@host/name`, /^is no postgres/],
  [` postgres://user:${SECRET}@host/name`, /^is no postgres/],
  [`postgres://user:x ${SECRET}@host/name`, /white space/],
  [`postgres://user:${SECRET}@host/name\n`, /white space/],
  [`postgres://user:1/${SECRET}@host/name`, /@ after the first \//],
  [`postgres://user:1?${SECRET}@host/name`, /@ after the first \/ or \?/],
  [`postgres://user:1#${SECRET}@host/name`, /a #/],
  [`postgres://user:x@${SECRET}@host/name`, /more than one @/],
  [`postgres://user:x@h1,user:${SECRET}@h2/name`, /more than one @/],
  [`postgres://user:x,${SECRET}@host/name`, /comma/],
  [`postgres://user@host,${SECRET}/name`, /comma/],
  [`postgres://user:100%${SECRET}@host/name`, /a % without/],
  [`postgres://user:%ff${SECRET}@host/name`, /not UTF-8/],
  [`postgres://user:${SECRET}`, /a port/],
  ["postgres://user@host:0/name", /a port/],
  ["postgres://user@host:65536/name", /a port/],
  ["postgres://user@host:/name", /a port/],
  ["postgres://user@:5432/name", /has no host/],
  [`postgres://user@host/name?port=${SECRET}`, /a port/],
  [`postgres://user@ho|${SECRET}/name`, /a host that is neither/],
  ["postgres://user@[::1/name", /a port/],
  [`postgres://user@host/name/${SECRET}`, /more than one \//],
  [`postgres://user@host/name?${SECRET}`, /a parameter that is not one of host,/],
  [`postgres://user@host/name?ssl_mode=${SECRET}`, /a parameter that is not one of/],
])("%j is no database's, and is not repeated", (url, fault) => {
  const found = findUrlFault(url, databaseUrlRules);
  expect(found).toMatch(fault);
  expect(found).not.toContain(SECRET);
});

test("a broker has a host, and only amqplib's parameters", () => {
  expect(findUrlFault("amqp:///vhost", brokerUrlRules)).toBe("has no host");
  expect(findUrlFault("amqp://%2Ftmp/vhost", brokerUrlRules)).toMatch(/a host that is neither/);
  expect(findUrlFault("amqp://host/vhost?cacertfile=x", brokerUrlRules)).toMatch(
    /a parameter that is not one of heartbeat/,
  );
});

test("where a password has no place it is a fault", () => {
  expect(findUrlFault("http://127.0.0.1:3000", httpUrlRules)).toBeUndefined();
  expect(findUrlFault("https://api.example/pedidos/", httpUrlRules)).toBeUndefined();
  expect(findUrlFault("http://user:password@host", httpUrlRules)).toMatch(/user or password/);
  expect(findUrlFault("http://user\\@host", httpUrlRules)).toMatch(/user or password/);
  expect(findUrlFault("http://host?key=1", httpUrlRules)).toBe("has parameters, and knows none");
});
