import { DatabaseError } from "pg";
import { describe, expect, test } from "vitest";
import {
  classifyFailure,
  DatabaseUnavailable,
  type FailureKind,
  isOutage,
  LostConnection,
} from "./classify-failure.ts";

const answer = (code: string, more: { constraint?: string; where?: string } = {}) =>
  Object.assign(new DatabaseError("no", 2, "error"), { code, ...more });
const inTrigger = "PL/pgSQL function refuse() line 1 at RAISE";

describe("an answer of the database", () => {
  test.each<[string, ReturnType<typeof answer>, FailureKind]>([
    ["text that is none", answer("22021"), "order"],
    ["our own check of an id", answer("23514", { constraint: "orders_order_id_check" }), "order"],
    ["a check that somebody added", answer("23514", { constraint: "refused" }), "back_off"],
    ["the same in a trigger that somebody added", answer("22P02", { where: inTrigger }), "back_off"],
    ["a key that is taken", answer("23505", { constraint: "outbox_pkey" }), "back_off"],
    ["an array literal that a setting spoils", answer("22007"), "back_off"],
    ["a division by zero", answer("22012"), "back_off"],
    ["what a trigger raises", answer("P0001", { where: inTrigger }), "back_off"],
    ["a deadlock", answer("40P01"), "again"],
    ["a serialization failure", answer("40001"), "again"],
    ["a right that is missing", answer("42501"), "back_off"],
    ["a column that is missing", answer("42703"), "back_off"],
    ["no space", answer("53100"), "back_off"],
    ["a lock", answer("55P03"), "back_off"],
    ["a statement that took too long", answer("57014"), "back_off"],
    ["a prepared statement that a pooler mislaid", answer("26000"), "back_off"],
    ["a shutdown", answer("57P01"), "back_off"],
    ["the end of the connection behind a pooler", answer("08P01"), "connection_lost"],
    ["the crash of another session", answer("57P02"), "back_off"],
    ["what nobody foresaw", answer("ZZ999"), "back_off"],
  ])("%s", (_, error, kind) => {
    expect(classifyFailure(error)).toMatchObject({ kind, code: error.code });
  });

  test.each(["55P03", "57014", "23514", "P0001"])("%s may be of some orders alone", (code) => {
    expect(classifyFailure(answer(code)).isPerOrder).toBe(true);
  });
  test.each(["42501", "42703", "53100", "25006", "57P01"])(
    "%s is of all orders, but where a trigger raises it",
    (code) => {
      expect(classifyFailure(answer(code)).isPerOrder).toBe(false);
      expect(classifyFailure(answer(code, { where: inTrigger })).isPerOrder).toBe(true);
    },
  );
});

test("only a lost connection can be a try; without one nothing was tried; all else is a bug", () => {
  expect(classifyFailure(new LostConnection("gone")).kind).toBe("connection_lost");
  expect(classifyFailure(new DatabaseUnavailable("away")).kind).toBe("back_off");
  expect(classifyFailure(new TypeError("undefined is no function"))).toMatchObject({ kind: "bug", code: "TypeError" });
});

test("a bug, and a statement that is wrong, are no outage", () => {
  for (const error of [new TypeError("no"), answer("22P02"), answer("23505"), answer("P0001")])
    expect(isOutage(error)).toBe(false);
  for (const error of [new LostConnection("gone"), new DatabaseUnavailable("away"), answer("42501"), answer("53300")])
    expect(isOutage(error)).toBe(true);
});
