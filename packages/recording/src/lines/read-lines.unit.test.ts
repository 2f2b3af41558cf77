import type { Delivery } from "@pedidos/broker";
import { describe, expect, test, vi } from "vitest";
import type { Line } from "./line.ts";
import { readLines } from "./read-lines.ts";

function delivery(body: string, contentType?: string, redelivered = false) {
  const acknowledge = vi.fn();
  const made: Delivery = {
    queue: "orders.intake",
    source: "orders.intake",
    body: Buffer.from(body),
    contentType,
    redelivered,
    acknowledge,
  };
  return { made, acknowledge };
}

function drain(made: Delivery): Line[] {
  const arrived = readLines(made);
  const lines: Line[] = [];
  for (let next = arrived.next(); !next.done; next = arrived.next()) lines.push(next.value);
  return lines;
}
const texts = (lines: Line[]) => lines.map((line) => String(line.body));

describe("what a delivery holds", () => {
  test.each([
    ["a\nb", undefined, ["a\nb"]],
    ["a\nb", "application/json", ["a\nb"]],
    ["", undefined, [""]],
    ["a\nb", "application/x-ndjson", ["a", "b"]],
    ["a\r\nb\r\n", "Application/X-NDJSON; charset=utf-8", ["a", "b"]],
    ["\n \t\na\n\r\n\nb", "application/x-ndjson", ["a", "b"]],
    ["a\r", "application/x-ndjson", ["a\r"]],
    [" a \n", "application/x-ndjson", [" a "]],
    ["\n\n", "application/x-ndjson", []],
    ["", "application/x-ndjson", []],
  ])("%j as %s", (body, contentType, lines) => {
    expect(texts(drain(delivery(body, contentType).made))).toEqual(lines);
  });

  test("a line of a message that came back has one try behind it", () => {
    expect(drain(delivery("a", undefined, true).made)[0]?.tries).toBe(1);
    expect(drain(delivery("a").made)[0]?.tries).toBe(0);
  });
});

describe("a delivery is acknowledged once, when its last line is settled", () => {
  test("settled in any order", () => {
    const { made, acknowledge } = delivery("a\nb\nc", "application/x-ndjson");
    const [a, b, c] = drain(made);
    c?.settle();
    a?.settle();
    expect(acknowledge).not.toHaveBeenCalled();
    b?.settle();
    expect(acknowledge).toHaveBeenCalledTimes(1);
  });

  test("not while lines are still to be asked for", () => {
    const { made, acknowledge } = delivery("a\nb", "application/x-ndjson");
    const arrived = readLines(made);
    const first = arrived.next();
    first.value?.settle();
    expect(acknowledge).not.toHaveBeenCalled();
    arrived.next().value?.settle();
    expect(acknowledge).not.toHaveBeenCalled();
    arrived.next();
    expect(acknowledge).toHaveBeenCalledTimes(1);
    arrived.next();
    expect(acknowledge).toHaveBeenCalledTimes(1);
  });

  test("at once where nothing but blank lines is in it", () => {
    const { made, acknowledge } = delivery("\n", "application/x-ndjson");
    drain(made);
    expect(acknowledge).toHaveBeenCalledTimes(1);
  });
});
