import { freshVirtualHost } from "@pedidos/testing";
import { afterAll } from "vitest";
import { openStranger } from "./open-stranger.ts";

/** For a file of tests: a virtual host of its own until they are done, and another program at it. */
export async function ownVirtualHost() {
  const host = await freshVirtualHost();
  const stranger = await openStranger(host.url);
  afterAll(async () => {
    await stranger.close();
    await host.drop();
  });
  return { host, stranger };
}
