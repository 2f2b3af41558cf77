import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { runCtl } from "./run-ctl.ts";
import "./global-setup.ts";

/** An empty virtual host on the RabbitMQ that the test run shares. `drop` ends the connections that are open on it. */
export async function freshVirtualHost(): Promise<{ url: string; name: string; drop(): Promise<void> }> {
  const recipe = inject("rabbitmqCtl");
  const name = `test_${randomBytes(6).toString("hex")}`;
  // One call for both, as each takes the better part of a second.
  const permissions = [{ user: "guest", vhost: name, configure: ".*", write: ".*", read: ".*" }];
  await runCtl(recipe, ["import_definitions"], JSON.stringify({ vhosts: [{ name }], permissions }));
  return {
    url: `${inject("amqpUrl")}/${name}`,
    name,
    async drop() {
      await runCtl(recipe, ["delete_vhost", name]);
    },
  };
}
