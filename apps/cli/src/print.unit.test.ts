import { expect, test, vi } from "vitest";
import { log, print, printable, printTable } from "./print.ts";

const HOSTILE = "a\u001b[2Jb\u0007\r\u0000\t\u007f\u009b31mc";
const SHOWN = "a\\u001b[2Jb\\u0007\\u000d\\u0000\\u0009\\u007f\\u009b31mc";

function captured(stream: "stdout" | "stderr", act: () => void): string {
  const write = vi.spyOn(process[stream], "write").mockReturnValue(true);
  act();
  const text = write.mock.calls.map(([written]) => String(written)).join("");
  write.mockRestore();
  return text;
}

test("what steers a terminal is shown escaped; line ends and all other characters stay", () => {
  expect(printable(HOSTILE)).toBe(SHOWN);
  expect(printable("lápis – 鉛筆 👩‍💻\nação")).toBe("lápis – 鉛筆 👩‍💻\nação");
});

test("members, tables, messages and descriptions are all printed so", () => {
  const everywhere = [
    captured("stdout", () => print({ [HOSTILE]: HOSTILE, inner: { product: HOSTILE } }, false)),
    captured("stdout", () => print({ product: HOSTILE }, false, ({ product }) => `${product}\n`)),
    captured("stdout", () => printTable([{ [HOSTILE]: HOSTILE }])),
    captured("stderr", () => log(HOSTILE)),
    captured("stdout", () => print({ product: HOSTILE }, true)),
  ];
  for (const text of everywhere) {
    expect(text).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(text).toContain("[2Jb");
  }
});

test("JSON gives the value unchanged", () => {
  expect(JSON.parse(captured("stdout", () => print({ product: HOSTILE }, true)))).toEqual({ product: HOSTILE });
});

test("a line end in a value makes no row of a table, and no member", () => {
  expect(captured("stdout", () => printTable([{ product: "pen\nrow" }]))).toBe("product\npen\\u000arow\n");
  expect(captured("stdout", () => print({ body: "{\nstatus  replayed", status: "open" }, false))).toBe(
    "body    {\n        status  replayed\nstatus  open\n",
  );
});
