import type { Log } from "@pedidos/process";

/** For tests: a log that keeps its lines as text. */
export function collectLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (...what: unknown[]) => {
      lines.push(`${level} ${JSON.stringify(what)}`);
    };
  return { log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") }, lines };
}
