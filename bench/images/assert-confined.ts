import { expect } from "vitest";
import type { OpenedImage } from "./run-container.ts";
import { finish } from "./start-from-image.ts";

const PROBE = `
  const { existsSync, readFileSync, writeFileSync } = require("node:fs");
  const attempt = (file) => { try { writeFileSync(file, ""); return "written"; } catch (error) { return error.code; } };
  const status = readFileSync("/proc/self/status", "utf8");
  const field = (name) => status.match(new RegExp("^" + name + ":\\\\s*(.*)$", "m"))[1];
  console.log(JSON.stringify({
    user: process.getuid() + ":" + process.getgid(),
    capabilities: field("CapEff"), gainsNone: field("NoNewPrivs"), first: process.pid === 1,
    root: attempt("/x"), app: attempt("/app/main.js"),
    shell: ["/bin/sh", "/usr/bin/sh"].some(existsSync), tools: ["/usr/bin/apt", "/bin/busybox", "/usr/bin/npm"].some(existsSync),
  }));`;

/** What a process in the image can't do: write to the root, be root, become it, find a shell where none is expected. */
export async function assertConfined({ run }: OpenedImage, expected: { readonly shell: boolean }): Promise<void> {
  const container = await run({ command: ["/usr/local/bin/node", "-e", PROBE] });
  await finish(container);
  expect(JSON.parse(container.output())).toEqual({
    user: "65532:65532",
    capabilities: "0000000000000000",
    gainsNone: "1",
    first: true,
    root: "EROFS",
    app: "EROFS",
    shell: expected.shell,
    tools: false,
  });
}
