import { afterEach, describe, expect, test, vi } from "vitest";
import { english, portuguese } from "./dialect.ts";
import { parseOrder } from "./parse-order.ts";
import { writtenOrder } from "./written-order.ts";

/** Counts every read of an object's keys and values, at every depth. `looks` is the number so far. */
function watched(value: unknown): { value: unknown; looks: () => number } {
  let looks = 0;
  const watch = (inner: unknown): unknown => {
    if (typeof inner !== "object" || inner === null) return inner;
    return new Proxy(inner, {
      get(target, key) {
        looks++;
        return watch(Reflect.get(target, key));
      },
      has(target, key) {
        looks++;
        return Reflect.has(target, key);
      },
      getOwnPropertyDescriptor(target, key) {
        looks++;
        return Reflect.getOwnPropertyDescriptor(target, key);
      },
    });
  };
  return { value: watch(value), looks: () => looks };
}

const ONE_MEBIBYTE = 1_048_576;
/** As many pieces as fill a body of 1 MiB. */
function filled(piece: (n: number) => string): string[] {
  return Array.from({ length: Math.floor((ONE_MEBIBYTE - 300) / (piece(99_999).length + 1)) }, (_, n) => piece(n));
}
const unknownKeys = filled((n) => `"k${n}":null`);
const emptyItems = filled(() => "{}");
const item = '{"product":"","quantity":0,"unitPrice":-1,"a":1,"b":2}';

const BODIES = [
  {
    what: "an order of 60000 unknown keys",
    json: writtenOrder(english, { extra: unknownKeys.join(",") }),
    faults: 100,
    looks: 1_000,
  },
  {
    what: "an item of 60000 unknown keys",
    json: writtenOrder(english, { itemExtra: unknownKeys.join(",") }),
    faults: 100,
    looks: 1_000,
  },
  {
    what: "60000 unknown keys behind 100 other faults",
    json: writtenOrder(english, { items: `[${Array(100).fill("0")}]`, extra: unknownKeys.join(",") }),
    faults: 100,
    looks: 1_000,
  },
  { what: "350000 empty items", json: writtenOrder(english, { items: `[${emptyItems}]` }), faults: 1, looks: 50 },
  {
    what: "5000 faults in 1000 items",
    json: writtenOrder(english, { items: `[${Array(1000).fill(item)}]` }),
    faults: 100,
    looks: 1_000,
  },
  {
    what: "the same fault in each of 1000 items",
    json: writtenOrder(english, { items: `[${Array(1000).fill('{"product":"a","quantity":0,"unitPrice":1}')}]` }),
    faults: 100,
    looks: 2_000,
  },
];

describe("a body that is all faults costs no more than its first 100", () => {
  test.each(BODIES)("$what: $faults faults", ({ json, faults, looks }) => {
    const { value, looks: counted } = watched(JSON.parse(json));
    const parsed = parseOrder(value);
    expect(parsed.kind === "faults" && parsed.faults.length).toBe(faults);
    expect(counted()).toBeLessThan(looks);
  });

  test("the bodies are as large as a body may be", () => {
    for (const { json } of BODIES.slice(0, 4)) expect(json.length).toBeGreaterThan(ONE_MEBIBYTE * 0.9);
    expect(unknownKeys.length).toBeGreaterThan(60_000);
    expect(emptyItems.length).toBeGreaterThan(340_000);
  });

  test("100 faults are reported, and of 101 100", () => {
    const bad = (count: number) => writtenOrder(english, { items: `[${Array(count).fill("0")}]` });
    for (const [count, told] of [
      [99, 99],
      [100, 100],
      [101, 100],
    ] as const) {
      expect(parseOrder(JSON.parse(bad(count)))).toMatchObject({ faults: { length: told } });
    }
  });

  test("unknown keys that are ignored are not looked at", () => {
    const extra = unknownKeys.join(",");
    const { value, looks } = watched(JSON.parse(writtenOrder(portuguese, { extra, itemExtra: extra })));
    expect(parseOrder(value, portuguese).kind).toBe("order");
    expect(looks()).toBeLessThan(50);
  });
});

describe("of a long text no more is looked at than must be", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  /** The longest text that was searched, copied or walked while `run` ran. */
  function longestLookedAt(run: () => unknown): number {
    const spies = [
      vi.spyOn(String.prototype, Symbol.iterator),
      vi.spyOn(String.prototype, "trim"),
      vi.spyOn(String.prototype, "includes"),
      vi.spyOn(String.prototype, "isWellFormed"),
      vi.spyOn(String.prototype, "replaceAll"),
    ];
    run();
    const lengths = spies.flatMap((spy) => spy.mock.contexts.map((text) => String(text).length));
    vi.restoreAllMocks();
    return Math.max(0, ...lengths);
  }
  const million = "\u00e9".repeat(1_000_000);

  test.each([
    ["a product of a million letters", { item: { product: JSON.stringify(million) } }, "/items/0/product"],
    ["a product of a million spaces", { item: { product: JSON.stringify(" ".repeat(1_000_000)) } }, "/items/0/product"],
    ["an unknown key of a million letters", { extra: `"${million}":1` }, ""],
  ])("%s", (_, changes, pointer) => {
    const value: unknown = JSON.parse(writtenOrder(english, changes));
    expect(longestLookedAt(() => parseOrder(value))).toBeLessThanOrEqual(400);
    const parsed = parseOrder(value);
    expect(parsed).toMatchObject({ faults: [{ pointer }] });
    expect(JSON.stringify(parsed).length).toBeLessThan(500);
  });

  test("the watch sees a text that is walked", () => {
    expect(longestLookedAt(() => [..."x".repeat(1_000)])).toBe(1_000);
  });
});
