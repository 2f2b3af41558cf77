import { expect, test } from "vitest";
import { negotiate } from "./negotiate.ts";

const [json, csv, ndjson] = ["application/json", "text/csv", "application/x-ndjson"] as const;

test.each([
  [undefined, json],
  ["", json],
  ["*/*", json],
  ["application/json", json],
  ["Application/JSON; charset=utf-8", json],
  ["text/html, application/json;q=0.5", json],
  ["application/*", json],
  ["text/csv", csv],
  ["text/*", csv],
  ["application/x-ndjson", ndjson],
  ["text/csv;q=0.5, application/x-ndjson;q=0.9", ndjson],
  ["application/json;q=0.1, text/csv", csv],
  ["application/json;q=0, */*", csv],
  ["application/*;q=0.2, application/x-ndjson, text/csv;q=0.9", ndjson],
  ["text/csv, application/json", json],
  ["application/json; q=0.4, text/csv; header=present; q=0.6", csv],
  ["application/xml", null],
  ["application/json;q=0", null],
  ["*/*;q=0", null],
  ["application/xml, text/html;q=0.9", null],
  ["json", null],
])("Accept: %s", (accept, expected) => {
  expect(negotiate(accept, [json, csv, ndjson])).toBe(expected);
});
