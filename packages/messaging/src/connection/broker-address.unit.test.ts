import { expect, test } from "vitest";
import { brokerAddress } from "./broker-address.ts";

test("credentials leave the URL, decoded as UTF-8", () => {
  const address = brokerAddress("amqp://jo%C3%A3o:s%C3%ADm%2F@broker:5673/orders?heartbeat=60");
  expect(address).toEqual({
    url: "amqp://broker:5673/orders?heartbeat=5",
    user: "joão",
    password: "sím/",
    virtualHost: "orders",
    label: "broker:5673/orders",
  });
});

test.each([
  ["amqp://broker", "broker:5672/"],
  ["amqp://broker/", "broker:5672/"],
  ["amqp://broker/%2F", "broker:5672/"],
  ["amqp://broker//", "broker:5672/"],
  ["amqps://u:p@broker/a%2Fb", "broker:5671/a/b"],
  ["amqp://u:p@[::1]:1/v", "[::1]:1/v"],
])("%s is shown as %s", (url, label) => {
  expect(brokerAddress(url).label).toBe(label);
});

test.each([
  ["amqp://h", "/"],
  ["amqp://h/%2F", "/"],
  ["amqp://h/a%20b", "a b"],
])("%s is about the virtual host %s", (url, name) => expect(brokerAddress(url).virtualHost).toBe(name));

test("without credentials it is guest, as RabbitMQ has it", () => {
  expect(brokerAddress("amqp://broker")).toMatchObject({ user: "guest", password: "guest" });
});

test.each(["", "broker", "http://u:secret@broker", "amqp://u:secret@:bad", "amqp://u:1/secret@broker"])(
  "%j is refused without being shown",
  (url) => {
    expect(() => brokerAddress(url)).toThrow(/^the broker's address (?!.*secret)/);
  },
);

/** Printable ASCII; a raw % may be what it says, the beginning of another character. */
const visible = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter((c) => c !== "%");

test.each([...visible, "é", "😀"])("a password with a raw %j is what was written, or refused", (character) => {
  for (const password of [`1${character}ss`, character, `2${character}4`]) {
    const expected = {
      url: "amqp://broker/?heartbeat=5",
      user: "u",
      password,
      virtualHost: "/",
      label: "broker:5672/",
    };
    try {
      expect(brokerAddress(`amqp://u:${password}@broker/`)).toEqual(expected);
    } catch (error) {
      expect(String(error)).toMatch(/^Error: the broker's address (has|holds) (a|an|more|white|percent)/);
    }
    expect(brokerAddress(`amqp://u:${encodeURIComponent(password)}@broker/`)).toEqual(expected);
  }
});
