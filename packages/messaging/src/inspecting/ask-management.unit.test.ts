import { expect, test } from "vitest";
import { managementAddress } from "./ask-management.ts";

test.each([
  ["amqp://ana:s%40fe@h", undefined, "http://h:15672/api/", "h:15672", "ana", "s@fe"],
  ["amqps://ana:safe@h:1/shop", undefined, "https://h:15671/api/", "h:15671", "ana", "safe"],
  ["amqp://[::1]:5673", undefined, "http://[::1]:15672/api/", "[::1]:15672", "guest", "guest"],
  ["amqp://ana:safe@h", "https://bob:b%3Ab@m/rabbit", "https://m/rabbit/api/", "m", "bob", "b:b"],
  ["amqp://ana:safe@h", "http://m:8080", "http://m:8080/api/", "m:8080", "ana", "safe"],
])("%s, %s", (broker, management, url, label, user, password) => {
  expect(managementAddress(broker, management)).toEqual({ url, label, user, password });
});

test("an address of another kind is refused without its text", () => {
  expect(() => managementAddress("amqp://h", "ftp://ana:secret@h")).toThrow(/^(?!.*secret)/);
});
