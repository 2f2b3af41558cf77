import { randomBytes } from "node:crypto";
import { inject } from "vitest";
import { runCtl } from "./run-ctl.ts";
import "./global-setup.ts";

/** What RabbitMQ calls definitions, as far as tests have a use for them. */
export type Definitions = Partial<
  Readonly<Record<"users" | "permissions" | "exchanges" | "queues" | "bindings", readonly object[]>>
>;

/** Those that the next call deletes: a call of `rabbitmqctl` takes the better part of a second. */
const dropped: string[] = [];

/**
 * A virtual host on the RabbitMQ that the test run shares, empty but for the definitions given, for any virtual host.
 * Once it is dropped the next call deletes it, with the connections that are open on it.
 */
export async function freshVirtualHost(
  definitions: Definitions = {},
): Promise<{ url: string; name: string; drop(): Promise<void> }> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const here = (entries: readonly object[] = []) => entries.map((entry) => ({ ...entry, vhost: name }));
  const guest = { user: "guest", configure: ".*", write: ".*", read: ".*" };
  const all = {
    vhosts: [{ name }],
    users: definitions.users ?? [],
    permissions: here([guest, ...(definitions.permissions ?? [])]),
    exchanges: here(definitions.exchanges),
    queues: here(definitions.queues),
    bindings: here(definitions.bindings),
  };
  // Not import_definitions, which on 4.0 doesn't read its standard input (rabbitmq-server#13157).
  const create = `ok = rabbit_definitions:import_raw(<<${JSON.stringify(JSON.stringify(all))}>>)`;
  const remove = dropped.splice(0).map((old) => `rabbit_vhost:delete(<<"${old}">>, <<"test">>)`);
  await runCtl(inject("rabbitmqCtl"), ["eval", `${[...remove, create].join(", ")}.`]);
  return {
    url: `${inject("amqpUrl")}/${name}`,
    name,
    async drop() {
      dropped.push(name);
    },
  };
}
