import { Consuming } from "@pedidos/contract";
import { command } from "../command.ts";
import type { Client } from "../open-client.ts";
import { print } from "../print.ts";

export const pause = command(
  "pause",
  "Have every consumer stop recording; orders are accepted, and wait",
  (argv) => argv,
  ({ json }, client) => setConsuming(client, true, json),
);

export const resume = command(
  "resume",
  "Have every consumer go on",
  (argv) => argv,
  ({ json }, client) => setConsuming(client, false, json),
);

async function setConsuming(client: Client, paused: boolean, asJson: boolean): Promise<void> {
  const body = JSON.stringify({ paused });
  const request = { method: "PUT", path: "/v1/consuming", contentType: "application/json", body } as const;
  print(await client.read(Consuming, request), asJson);
}
