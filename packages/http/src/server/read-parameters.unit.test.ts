import { expect, test } from "vitest";
import { ID, integerUpTo, parameterReader } from "./read-parameters.ts";

const readPath = parameterReader({ orderId: ID }, {});
const readQuery = parameterReader({}, { orderId: ID, customerId: ID });

test.each(["1", "1001", "9007199254740991"])("%s is an id", (text) => {
  expect(ID.parse(text)).toBe(Number(text));
});

test.each(["0", "-1", "+1", "1.0", "1.5", "1e3", "0x10", "01", " 1", "1 ", "abc", "1001abc", "", "NaN", "١", "\0"])(
  "%j is no id",
  (text) => {
    expect(ID.parse(text)).toBeUndefined();
    expect(readPath({ params: { orderId: text }, query: {} })).toMatchObject({ kind: "invalid_parameter" });
  },
);

test.each(["9007199254740992", "9999999999999999", "99999999999999999999"])("%s is too large for an id", (text) => {
  expect(ID.parse(text)).toBeUndefined();
});

test("unknown query parameters are ignored, known ones read, missing ones left out", () => {
  expect(readQuery({ params: {}, query: { orderId: "7", other: ["a", "b"] } })).toEqual({ orderId: 7 });
});

test.each([{ orderId: "x" }, { orderId: "" }, { orderId: ["1", "1"] }])("%j is refused", (query) => {
  expect(readQuery({ params: {}, query })).toMatchObject({ kind: "invalid_parameter" });
});

test("a parameter of the query does not count for one of the path", () => {
  expect(readPath({ params: { orderId: "1" }, query: { orderId: "x" } })).toEqual({ orderId: 1 });
});

test.each(["1", "9", "10", "199", "200"])("%s is up to 200", (text) => {
  expect(integerUpTo(200).parse(text)).toBe(Number(text));
});

test.each(["0", "201", "1000", "01", "1.0", ""])("%j is not up to 200", (text) => {
  expect(integerUpTo(200).parse(text)).toBeUndefined();
});
