import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { csvOptionsOf } from "./input-options.ts";

const mapOf = (map: string) => [...(csvOptionsOf({ map, ignoreExtra: false }).map ?? [])];

test("--map is written out, or in a JSON file", () => {
  const pairs = [
    ["Nº Pedido", "orderId"],
    ["a=b", "customerId"],
  ];
  expect(mapOf("Nº Pedido=orderId, a=b = customerId")).toEqual(pairs);
  const folder = mkdtempSync(join(tmpdir(), "pedidos-map-"));
  try {
    const file = join(folder, "map.json");
    writeFileSync(file, `\ufeff${JSON.stringify(Object.fromEntries(pairs))}`);
    expect(mapOf(file)).toEqual(pairs);
    writeFileSync(file, "[]");
    expect(() => mapOf(file)).toThrow(/holds no JSON object.*--map/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each([
  ["Pedido=order", /"Pedido" is mapped to "order", which is none of orderId/],
  ["=orderId", /has no name/],
  ["nothing.json", /cannot be read|can be read \(ENOENT\)/],
])("--map %s is wrong usage", (map, message) => {
  expect(() => mapOf(map)).toThrow(message);
  expect(() => mapOf(map)).toThrow(expect.objectContaining({ exitCode: 64 }));
});
