import type { openLog } from "@pedidos/process";

/** Prints where to open it: last, in words for a person, else as a line of the log at any level. */
export function printAddress(url: string, log: ReturnType<typeof openLog>, isForPerson: boolean): void {
  const text = `Open ${url} (the API's documentation: ${url}/docs). Ctrl-C stops it.`;
  if (isForPerson) process.stdout.write(`\n  ${text}\n\n`);
  else log.child({}, { level: "info" }).info({ url }, text);
}
