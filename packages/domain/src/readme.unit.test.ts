import { expect, test } from "vitest";
import readme from "../README.md?raw";
import * as domain from "./index.ts";

/** Lines `expression; // → JSON` of the README's example, and the lines before them that they need. */
test("the README's example gives what it says", () => {
  const [, code = ""] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  const body = code.replace(/^import .*$/m, "").replace(/^(?!const)(.+); \/\/ → (.+)$/gm, "told.push([$1, $2]);");
  const run = new Function(
    "domain",
    `const { ${Object.keys(domain).join(", ")} } = domain; const told = []; ${body}; return told;`,
  );
  const told: unknown = run(domain);
  expect(told).toHaveLength(7);
  if (!Array.isArray(told)) return;
  for (const [actual, expected] of told) expect(actual).toMatchObject(expected);
});

test("the README lists what the package exports", () => {
  for (const name of Object.keys(domain)) expect(readme).toContain(`\`${name}`);
});

test("the README's table of faults is what the parser says", () => {
  const rows = [...readme.matchAll(/^\| `(.+?)` +\| `"(.*?)"` +\| (.+?) +\|$/gm)];
  expect(rows.length).toBe(10);
  for (const [, body = "", pointer, detail] of rows) {
    const read = domain.readOrder(new TextEncoder().encode(body));
    expect(read.kind === "rejected" && read.faults).toContainEqual({ pointer, detail });
  }
});
