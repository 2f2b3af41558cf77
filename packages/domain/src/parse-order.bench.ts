import { english, portuguese } from "./dialect.ts";
import { parseOrder } from "./parse-order.ts";
import { readOrder } from "./read-order.ts";
import { writeOrder } from "./write-order.ts";
import { writtenOrder } from "./written-order.ts";

/** Microseconds a call on an order of two items, the last of five rounds: `node packages/domain/src/parse-order.bench.ts`. */
function measure(name: string, run: () => unknown): void {
  const calls = 200_000;
  let start = 0;
  for (let round = 0; round < 5; round++) {
    start = performance.now();
    for (let call = 0; call < calls; call++) run();
  }
  const microseconds = ((performance.now() - start) * 1_000) / calls;
  console.log(`${name.padEnd(30)} ${microseconds.toFixed(3)} µs`);
}

const changes = {
  placedAt: '"2026-11-24T12:00:00Z"',
  item: { product: '"lápis"', quantity: "100", unitPrice: "1.10" },
};
for (const [name, dialect] of Object.entries({ english, portuguese })) {
  const json = writtenOrder(dialect, changes);
  const value: unknown = JSON.parse(json);
  const bytes = new TextEncoder().encode(json);
  measure(`JSON.parse, ${name}`, () => JSON.parse(json));
  measure(`parseOrder, ${name}`, () => parseOrder(value, dialect));
  measure(`readOrder, ${name}`, () => readOrder(bytes, dialect));
}
const parsed = parseOrder(JSON.parse(writtenOrder(english, changes)));
if (parsed.kind === "order") measure("writeOrder", () => writeOrder(parsed.order));
