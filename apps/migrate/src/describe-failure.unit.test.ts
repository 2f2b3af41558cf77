import { MigrationRefused, MigrationUncertain } from "@pedidos/persistence";
import pg from "pg";
import { expect, test } from "vitest";
import { describeFailure } from "./describe-failure.ts";

function answered(code: string, message: string): pg.DatabaseError {
  const error = new pg.DatabaseError(message, 0, "error");
  return Object.assign(error, { code, detail: "Failing row contains (secret)." });
}

test("an expected failure is reported in a sentence, without a stack and without a row", () => {
  const failed = new Error("0013_x.sql could not be applied", {
    cause: answered("42501", "must be owner of table orders"),
  });
  expect(describeFailure(failed)).toEqual({
    reason: "0013_x.sql could not be applied: must be owner of table orders (42501)",
    todo: expect.stringContaining("DATABASE_URL"),
    isUnchanged: true,
  });
  expect(describeFailure(new MigrationRefused("It is read-only."))).toEqual({
    reason: "It is read-only.",
    isUnchanged: true,
  });
  const refused = Object.assign(new Error("connect ECONNREFUSED ::1:1"), { code: "ECONNREFUSED" });
  expect(describeFailure(new AggregateError([refused, refused]))).toEqual({
    reason: "connect ECONNREFUSED ::1:1 (ECONNREFUSED)",
    isUnchanged: true,
  });
  expect(describeFailure(new Error("Connection terminated unexpectedly"))).toEqual({
    reason: "Connection terminated unexpectedly",
    isUnchanged: true,
  });
});

test("a commit whose end nobody saw is no promise that nothing was changed", () => {
  const lost = new MigrationUncertain("the connection was lost during the commit", { cause: new Error("it went") });
  expect(describeFailure(lost)).toMatchObject({ reason: `${lost.message}: it went`, isUnchanged: false });
});

test("a bug is logged as one", () => {
  const bug = new TypeError("x is not a function");
  expect(describeFailure(new Error("0013_x.sql could not be applied", { cause: bug }))).toMatchObject({
    err: { cause: bug },
  });
});
