import type { SpanOptions, Tracing } from "@pedidos/tracing";
import { expect, test } from "vitest";
import { traceBatch } from "./trace-batch.ts";

function fakeTracing() {
  const begun: (Pick<SpanOptions, "parent" | "links"> & { name: string })[] = [];
  const ended: string[] = [];
  const tracing: Tracing = {
    start(name, { parent, links }) {
      begun.push({ name, parent, links });
      const end = (outcome?: { readonly error?: unknown }) => void ended.push(outcome?.error ? `${name}!` : name);
      return { traceId: "", traceparent: `${name} ${begun.length}`, end };
    },
    close: async () => {},
  };
  return { tracing, begun, ended };
}

test("a batch in which no order belongs to a trace has no span", () => {
  const { tracing, begun } = fakeTracing();
  expect(traceBatch(tracing, [{}, { traceparent: undefined }])).toBeUndefined();
  expect(begun).toEqual([]);
});

test("a batch is linked to its orders and they to it, and so are their announcements", () => {
  const { tracing, begun, ended } = fakeTracing();
  const trace = traceBatch(tracing, [{ traceparent: "a" }, {}, { traceparent: "b" }, { traceparent: "a" }]);
  trace?.end({});
  const announcing = trace?.announce();
  announcing?.end({ error: "away" });
  expect(announcing?.traceparent).toBe("announce batch 4");
  expect(begun).toEqual([
    { name: "record batch", parent: undefined, links: ["a", "b"] },
    { name: "record order", parent: "a", links: ["record batch 1"] },
    { name: "record order", parent: "b", links: ["record batch 1"] },
    { name: "announce batch", parent: "record batch 1", links: undefined },
    { name: "announce order", parent: "record order 2", links: ["announce batch 4"] },
    { name: "announce order", parent: "record order 3", links: ["announce batch 4"] },
  ]);
  expect(ended).toEqual([
    ...["record order", "record order", "record batch"],
    ...["announce order!", "announce order!", "announce batch!"],
  ]);
});

test("a batch of the traces of many requests has a bounded number of spans", () => {
  const { tracing, begun } = fakeTracing();
  traceBatch(
    tracing,
    Array.from({ length: 500 }, (_, index) => ({ traceparent: `${index}` })),
  );
  expect(begun).toHaveLength(129);
});
