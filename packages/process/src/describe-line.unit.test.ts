import { expect, test } from "vitest";
import { describeLine } from "./describe-line.ts";

const line = (level: number, msg: string, fields: object = {}) =>
  JSON.stringify({
    level,
    time: "2026-11-24T12:03:05.123Z",
    pid: 7,
    hostname: "here",
    name: "pedidos",
    ...fields,
    msg,
  });
/** → the text without its time, which is the reader's own. */
const textOf = (...given: Parameters<typeof line>) => describeLine(line(...given)).replace(/^\d\d:\d\d:\d\d {2}/, "");

test("a line is a time, what happened, and its fields", () => {
  expect(textOf(30, "making a folder", { data: "/tmp/x" })).toBe("making a folder (data: /tmp/x)\n");
  expect(textOf(30, "stopped")).toBe("stopped\n");
  expect(textOf(40, "waiting", { code: "57P03", tries: 2 })).toBe("warning: waiting (code: 57P03, tries: 2)\n");
});

test("long fields are cut short, and of an error its message is said; of one that nobody expected also where", () => {
  expect(textOf(30, "applied", { files: [...Array(99).keys()] })).toMatch(/^applied \(files: 0, 1, .{50,70}…\)\n$/);
  const err = { type: "Error", message: "no route", stack: "Error: no route\n    at here.ts:1:2" };
  expect(textOf(40, "away", { err })).toBe("warning: away: no route\n");
  expect(textOf(50, "failed", { err })).toBe("error: failed: no route\n    at here.ts:1:2\n");
});

test("requests are not said, but those that failed", () => {
  const answered = line(30, "request", { route: "/v1/overview", status: 200 });
  expect(describeLine(answered)).toBe("");
  expect(describeLine(answered, { showsRequests: true })).toContain("/v1/overview");
  expect(textOf(40, "request", { route: "/v1/orders", status: 503 })).toBe(
    "warning: request (route: /v1/orders, status: 503)\n",
  );
});

test("nothing that came from outside reaches the terminal raw", () => {
  const raw = "\u001b]0;x\u0007\r\n\u009b";
  const said = textOf(50, raw, { [raw]: raw, err: { message: raw, stack: `Error\n    at ${raw.trim()}` } });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
  expect(said.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});

test("what is no line of the log is left as it is, but for that", () => {
  expect(describeLine("plain\n")).toBe("plain\n");
});
