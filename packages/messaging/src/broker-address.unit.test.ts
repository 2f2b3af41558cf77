import { expect, test } from "vitest";
import { brokerAddress } from "./broker-address.ts";

test("credentials leave the URL, decoded as UTF-8", () => {
  const address = brokerAddress("amqp://jo%C3%A3o:s%C3%ADm%2F@broker:5673/orders?heartbeat=60", 5);
  expect(address).toEqual({
    url: "amqp://broker:5673/orders?heartbeat=5",
    user: "joão",
    password: "sím/",
    label: "broker:5673/orders",
  });
});

test.each([
  ["amqp://broker", "broker:5672/"],
  ["amqp://broker/", "broker:5672/"],
  ["amqp://broker/%2F", "broker:5672/"],
  ["amqps://u:p@broker/a%2Fb", "broker:5671/a/b"],
  ["amqp://u:p@[::1]:1/v", "[::1]:1/v"],
])("%s is shown as %s", (url, label) => {
  expect(brokerAddress(url, 5).label).toBe(label);
});

test("without credentials it is guest, as RabbitMQ has it", () => {
  expect(brokerAddress("amqp://broker", 5)).toMatchObject({ user: "guest", password: "guest" });
});

test.each(["", "broker", "http://u:secret@broker", "amqp://u:secret@:bad"])(
  "%j is refused without being shown",
  (url) => {
    expect(() => brokerAddress(url, 5)).toThrow(/^the broker's address is no amqp:\/\/ or amqps:\/\/ URL$/);
  },
);

test("a password that is not well encoded stands for itself", () => {
  expect(brokerAddress("amqp://u:100%25%@broker", 5).password).toBe("100%25%");
});
