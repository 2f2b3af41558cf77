import { Consuming } from "@pedidos/contract";
import type { Client } from "../open-client.ts";
import { print } from "../print.ts";

/** `pedidos pause` and `pedidos resume`: every consumer stops recording within a few seconds, or goes on. */
export async function setConsuming(client: Client, paused: boolean, asJson: boolean): Promise<void> {
  const body = JSON.stringify({ paused });
  const request = { method: "PUT", path: "/v1/consuming", contentType: "application/json", body } as const;
  print(await client.read(Consuming, request), asJson);
}
