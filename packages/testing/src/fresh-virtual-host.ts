import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { runCtl } from "./run-ctl.ts";
import "./global-setup.ts";

/** An empty virtual host on the RabbitMQ that the test run shares. `drop` ends the connections that are open on it. */
export async function freshVirtualHost(): Promise<{ url: string; name: string; drop(): Promise<void> }> {
  const recipe = inject("rabbitmqCtl");
  const name = `test_${randomBytes(6).toString("hex")}`;
  // One call for both, as each takes the better part of a second. Not import_definitions, which on 4.0 doesn't read its
  // standard input (rabbitmq-server#13157).
  const permissions = [{ user: "guest", vhost: name, configure: ".*", write: ".*", read: ".*" }];
  const definitions = JSON.stringify({ vhosts: [{ name }], permissions });
  await runCtl(recipe, ["eval", `ok = rabbit_definitions:import_raw(<<${JSON.stringify(definitions)}>>).`]);
  return {
    url: `${inject("amqpUrl")}/${name}`,
    name,
    async drop() {
      await runCtl(recipe, ["delete_vhost", name]);
    },
  };
}
