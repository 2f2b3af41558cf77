import type { Log } from "@pedidos/process";

/** A log that keeps its lines as text, to look for what must or must not be logged. */
export function collectLog(): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const write =
    (level: string) =>
    (...what: unknown[]) => {
      lines.push(`${level} ${JSON.stringify(what)}`);
    };
  return { log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") }, lines };
}
