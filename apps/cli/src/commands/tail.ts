import { setTimeout as sleep } from "node:timers/promises";
import { ChangePage } from "@pedidos/contract";
import { command } from "../command.ts";
import { endWithReader } from "../end-with-reader.ts";
import { TEXT } from "../options.ts";
import { log, print } from "../print.ts";

const POLL_EVERY_MS = 500;

export const tail = command(
  "tail",
  "Show what is recorded and rejected from now on",
  (argv) => argv.option("since", { ...TEXT, default: "now", describe: "the cursor of an earlier change" }),
  async ({ since, json }, client): Promise<never> => {
    endWithReader();
    if (!json) log("Waiting for what is recorded and rejected; Ctrl-C ends it.");
    for (let cursor = since; ; ) {
      const { changes, nextCursor } = await client.read(ChangePage, { path: "/v1/changes", query: { cursor } });
      for (const change of changes)
        print(change, json, ({ time, type, data }) => `${time}  ${type}  ${describe(data)}\n`);
      cursor = nextCursor;
      if (changes.length === 0) await sleep(POLL_EVERY_MS);
    }
  },
);

function describe(data: object): string {
  return Object.entries(data)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}
