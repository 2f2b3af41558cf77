import { expect, test } from "vitest";
import { ID, parseId, readPathId, readQuery } from "./read-parameters.ts";

test.each(["1", "1001", "9007199254740991"])("%s is an id", (text) => {
  expect(parseId(text)).toBe(Number(text));
});

test.each(["0", "-1", "+1", "1.0", "1.5", "1e3", "0x10", "01", " 1", "1 ", "abc", "1001abc", "", "NaN", "١", "\0"])(
  "%j is no id",
  (text) => {
    expect(parseId(text)).toBeUndefined();
    expect(readPathId({ orderId: text }, "orderId").kind).toBe("refused");
  },
);

test.each(["9007199254740992", "9999999999999999", "99999999999999999999"])("%s is too large for an id", (text) => {
  expect(parseId(text)).toBeUndefined();
});

test("unknown query parameters are ignored, known ones read, missing ones left out", () => {
  expect(readQuery({ orderId: "7", other: ["a", "b"] }, { orderId: ID, customerId: ID })).toEqual({
    kind: "value",
    value: { orderId: 7 },
  });
});

test.each([{ orderId: "x" }, { orderId: "" }, { orderId: ["1", "1"] }])("%j is refused", (query) => {
  expect(readQuery(query, { orderId: ID })).toMatchObject({ kind: "refused", refusal: { kind: "invalid_parameter" } });
});
