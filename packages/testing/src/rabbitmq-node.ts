import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { awaitBroker } from "./await-broker.ts";
import { enableManagement } from "./enable-management.ts";
import { findFreePort } from "./find-free-port.ts";
import type { RabbitmqBinaries } from "./find-rabbitmq.ts";
import { leaveNothing } from "./leave-nothing.ts";
import { type OwnProcess, startOwnProcess } from "./own-process.ts";
import type { Rabbitmq } from "./rabbitmq.ts";
import { type CtlRecipe, runCtl } from "./run-ctl.ts";

const STOP_LIMIT_MS = 60_000;

/** What 3.10 takes by default; 4.x takes less. */
export const MAX_MESSAGE_BYTES = 128 * 1024 * 1024;

/** A node that others can join. */
export type RabbitmqNode = Rabbitmq & Peer;

/** What nodes must share to form a cluster: the port of epmd, and a cookie. */
export type Peer = { readonly name: string; readonly epmdPort: number; readonly cookie: string };

/**
 * A RabbitMQ node from the machine's binaries that shares nothing with a broker that runs there: its own name, folders,
 * cookie, ports (all on loopback) and its own epmd, which would otherwise stay behind as a daemon.
 *
 * @param peer a node of this process that it joins; it must be removed after this one, as its epmd serves both
 */
export async function startRabbitmqNode(binaries: RabbitmqBinaries, peer?: Peer): Promise<RabbitmqNode> {
  const remains = leaveNothing("pedidos-rabbitmq-");
  const port = await findFreePort();
  const epmdPort = peer?.epmdPort ?? (await findFreePort());
  const cookie = peer?.cookie ?? randomBytes(16).toString("hex");
  const node = `test${process.pid}x${randomBytes(3).toString("hex")}@localhost`;
  const env = writeConfiguration(remains.folder, node, { port, distributionPort: await findFreePort(), epmdPort });
  writeFileSync(join(env.HOME, ".erlang.cookie"), cookie, { mode: 0o400 });
  const url = `amqp://guest:guest@127.0.0.1:${port}`;
  const [ctl, ...ctlArgs] = binaries.ctl;
  const recipe: CtlRecipe = { command: ctl, args: [...ctlArgs, "-q", "-n", node], env };
  const run = ([command, ...first]: RabbitmqBinaries["server"], ...args: string[]) =>
    startOwnProcess(command, [...first, ...args], { ...process.env, ...env }, remains);
  const epmd = peer ? undefined : await run(binaries.epmd, "-port", String(epmdPort), "-address", "127.0.0.1");
  let beam: OwnProcess | undefined;
  const start = async () => {
    if (beam !== undefined && !beam.hasEnded()) return;
    const started = await run(binaries.server);
    beam = started;
    await awaitBroker(url, () => (started.hasEnded() ? started.tail() : undefined));
  };
  const end = async (signal: NodeJS.Signals) => {
    beam?.signal("SIGCONT");
    await beam?.end(signal, STOP_LIMIT_MS);
  };
  await start();
  const ctlOf = (...args: string[]) => runCtl(recipe, args);
  if (peer !== undefined)
    for (const args of [["stop_app"], ["join_cluster", peer.name], ["start_app"]]) await runCtl(recipe, args);
  return {
    name: node,
    epmdPort,
    cookie,
    url,
    recipe,
    ctl: ctlOf,
    async enableManagement() {
      const listener = { port: await findFreePort(), ip: "127.0.0.1" };
      await enableManagement(ctlOf, listener);
      return `http://127.0.0.1:${listener.port}`;
    },
    start,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    async restart() {
      await end("SIGTERM");
      await start();
    },
    async freeze() {
      beam?.signal("SIGSTOP");
    },
    async thaw() {
      beam?.signal("SIGCONT");
    },
    async remove() {
      await end("SIGKILL");
      await epmd?.end("SIGKILL", STOP_LIMIT_MS);
      remains.remove();
    },
  };
}

type Ports = { readonly port: number; readonly distributionPort: number; readonly epmdPort: number };

function writeConfiguration(folder: string, node: string, ports: Ports) {
  for (const name of ["mnesia", "log", "home", "schema", "config"]) mkdirSync(join(folder, name));
  writeFileSync(
    join(folder, "rabbitmq.conf"),
    [
      `listeners.tcp.1 = 127.0.0.1:${ports.port}`,
      "disk_free_limit.absolute = 50MB",
      `max_message_size = ${MAX_MESSAGE_BYTES}`,
      "log.console = true",
      "log.file = false",
      "",
    ].join("\n"),
  );
  // In Erlang's own form, which older versions read and ignore: 4.3 refuses transient queues otherwise.
  writeFileSync(
    join(folder, "advanced.config"),
    "[{rabbit, [{permit_deprecated_features, #{transient_nonexcl_queues => true}}]}].\n",
  );
  writeFileSync(join(folder, "rabbitmq-env.conf"), "");
  writeFileSync(join(folder, "enabled_plugins"), "[].\n");
  return {
    HOME: join(folder, "home"),
    // The script then becomes the virtual machine, so that the process started here is the one to signal.
    RUNNING_UNDER_SYSTEMD: "true",
    ERL_EPMD_PORT: String(ports.epmdPort),
    RABBITMQ_NODENAME: node,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(ports.port),
    RABBITMQ_DIST_PORT: String(ports.distributionPort),
    RABBITMQ_CTL_DIST_PORT_MIN: "1024",
    RABBITMQ_CTL_DIST_PORT_MAX: "65535",
    RABBITMQ_MNESIA_BASE: join(folder, "mnesia"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_PID_FILE: join(folder, "pid"),
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(folder, "advanced.config"),
    RABBITMQ_CONF_ENV_FILE: join(folder, "rabbitmq-env.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
    RABBITMQ_SCHEMA_DIR: join(folder, "schema"),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, "config"),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: "-kernel inet_dist_use_interface {127,0,0,1}",
  };
}
