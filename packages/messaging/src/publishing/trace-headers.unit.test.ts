import { expect, test } from "vitest";
import { readTraceparents, traceHeaders } from "./trace-headers.ts";

const of = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;
const [A, B] = [of("a"), of("b")];

test.each([
  ["one for all", A, { traceparent: A }, A],
  ["the same for each", [A, A], { traceparent: A }, A],
  ["none", [undefined, undefined], {}, undefined],
  ["one for each", [A, undefined, B], { traceparents: [A, "", B] }, [A, undefined, B]],
])("%s travels", (_, traceparents, headers, read) => {
  expect(traceHeaders(traceparents)).toEqual(headers);
  expect(readTraceparents(headers)).toEqual(read);
});

test("a list is bounded", () => {
  const many = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? A : B));
  expect(traceHeaders(many)).toEqual({ traceparents: many.slice(0, 64) });
  expect(readTraceparents({ traceparents: many })).toEqual(many.slice(0, 64));
});

test.each([
  ["unsampled", A.replace(/01$/, "00")],
  ["no text", 5],
  ["no context", "x".repeat(1_000)],
  ["in capitals", A.toUpperCase()],
])("what is %s is not read", (_, traceparent) => {
  expect(readTraceparents({ traceparent })).toBeUndefined();
  expect(readTraceparents({ traceparents: [traceparent] })).toBeUndefined();
});
