import { setTimeout as sleep } from "node:timers/promises";
import { ChangePage } from "@pedidos/contract";
import type { Client } from "../open-client.ts";
import { print } from "../print.ts";

const PAUSE_MS = 500;

/** `pedidos tail`: what is recorded and rejected from now on, until it is interrupted. */
export async function tail(client: Client, since: string, asJson: boolean): Promise<never> {
  let cursor = since;
  for (;;) {
    const { changes, nextCursor } = await client.read(ChangePage, { path: "/v1/changes", query: { cursor } });
    for (const change of changes) {
      if (asJson) print(change, true);
      else process.stdout.write(`${change.time}  ${change.type}  ${describe(change.data)}\n`);
    }
    cursor = nextCursor;
    if (changes.length === 0) await sleep(PAUSE_MS);
  }
}

function describe(data: object): string {
  return Object.entries(data)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}
