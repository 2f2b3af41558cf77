import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { allowHosts } from "./allow-hosts.ts";

const allowed = (check: (host: string) => boolean, hosts: readonly string[]) => hosts.filter((host) => check(host));

const OWN = [
  "localhost",
  "LocalHost:3000",
  "localhost.",
  "127.0.0.1:80",
  "127.8.8.8",
  "[::1]:3000",
  "[0:0:0:0:0:0:0:1]",
];
const FOREIGN = [
  ...[
    "evil.example",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "localhost@evil.example",
    "evil.example/localhost",
  ],
  ...["", "[", "[::2]", "::1]", "[::1", "127.0.0.1:x", "localhost:1:2", "localhost, evil.example", "2130706433", "*"],
];

describe("allowHosts", () => {
  test("on loopback: its own names, with any port, however they are written, and no others", () => {
    const check = allowHosts("127.0.0.1", undefined);
    expect(allowed(check, OWN)).toEqual(OWN);
    expect(allowed(check, FOREIGN)).toEqual([]);
    expect(check("localhost")).toBe(true);
  });

  test("a list adds names, on loopback and elsewhere; the address that it listens on is one", () => {
    const check = allowHosts("10.0.0.7", ["Orders.Example", "[2001:DB8::7]"]);
    const named = ["orders.example:8443", "ORDERS.example.", "[2001:db8:0::7]", "10.0.0.7:3000"];
    expect(allowed(check, named)).toEqual(named);
    expect(allowed(check, OWN)).toEqual(OWN);
    expect(allowed(check, [...FOREIGN, "10.0.0.8", "a.orders.example"])).toEqual([]);
  });

  test("listening on every address, each of this machine's is its own: monitoring reads it by address", () => {
    const check = allowHosts("0.0.0.0", ["orders.example"]);
    const addresses = Object.values(networkInterfaces()).flatMap((found = []) =>
      found.map(({ address, family }) => (family === "IPv6" ? `[${address}]` : address)),
    );
    expect(allowed(check, addresses)).toEqual(addresses);
    expect(allowed(check, FOREIGN)).toEqual([]);
  });

  test("off loopback without a list: any", () => {
    for (const address of ["0.0.0.0", "::", "10.0.0.7"])
      expect(allowed(allowHosts(address, undefined), FOREIGN)).toEqual(FOREIGN);
  });
});
