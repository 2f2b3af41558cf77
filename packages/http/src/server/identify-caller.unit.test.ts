import { Socket } from "node:net";
import { expect, test } from "vitest";
import { callerOf } from "./identify-caller.ts";

test("a caller is a key's name, else an IPv4 address or the network of an IPv6 one", () => {
  const socket = new Socket();
  expect(callerOf({ actor: "shop", ip: "192.0.2.1", socket })).toBe("key shop");
  const addresses = ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::9", "2001:db8:1:3::9"];
  expect(addresses.map((ip) => callerOf({ actor: null, ip, socket }))).toEqual([
    "address 192.0.2.1",
    "address 192.0.2.1",
    "address 2001:db8:1:2",
    "address 2001:db8:1:2",
    "address 2001:db8:1:3",
  ]);
});
