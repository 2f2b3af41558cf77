import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import { awaitBroker } from "./await-broker.ts";
import { enableManagement } from "./enable-management.ts";
import { findFreePort } from "./find-free-port.ts";
import { findProgram } from "./find-program.ts";
import { leaveNothing } from "./leave-nothing.ts";
import type { Rabbitmq } from "./rabbitmq.ts";
import { MAX_MESSAGE_BYTES } from "./rabbitmq-node.ts";
import { runCtl } from "./run-ctl.ts";

/** In full, as podman asks for it. */
const IMAGE = "docker.io/library/rabbitmq:4.2.4-alpine";

const call = promisify(execFile);

/** A container engine whose daemon answers: a client on the PATH alone says nothing. */
export function findContainerEngine(): string | undefined {
  return ["docker", "podman"].find(
    (name) =>
      findProgram(name) !== undefined && spawnSync(name, ["info"], { stdio: "ignore", timeout: 20_000 }).status === 0,
  );
}

/** A broker in a container, on a free port of loopback. */
export async function startRabbitmqContainer(engine: string): Promise<Rabbitmq> {
  const name = `pedidos-test-${process.pid}-${randomBytes(3).toString("hex")}`;
  const remains = leaveNothing("pedidos-rabbitmq-", [engine, "rm", "--force", "--volumes", name]);
  const port = await findFreePort();
  const managementPort = await findFreePort();
  const url = `amqp://guest:guest@127.0.0.1:${port}`;
  const recipe = { command: engine, args: ["exec", "--interactive", name, "rabbitmqctl", "-q"], env: {} };
  const engineCall = async (...args: string[]) => (await call(engine, args)).stdout.trim();
  const isRunning = async () => (await engineCall("inspect", "--format", "{{.State.Running}}", name)) === "true";
  const ready = async () =>
    awaitBroker(url, async () => ((await isRunning()) ? undefined : await engineCall("logs", "--tail", "12", name)));
  const end = async (...command: string[]) => {
    if (await isRunning()) await engineCall(...command, name);
  };
  await engineCall(...runArguments(name, { port, managementPort }));
  await ready();
  return {
    url,
    recipe,
    ctl: (...args) => runCtl(recipe, args),
    async enableManagement() {
      await enableManagement((...args) => runCtl(recipe, args), { port: MANAGEMENT_PORT, ip: "0.0.0.0" });
      return `http://127.0.0.1:${managementPort}`;
    },
    async start() {
      await engineCall("start", name);
      await ready();
    },
    stop: () => end("stop", "-t", "60"),
    kill: () => end("kill"),
    async restart() {
      await end("stop", "-t", "60");
      await engineCall("start", name);
      await ready();
    },
    freeze: async () => void (await engineCall("pause", name)),
    thaw: async () => void (await engineCall("unpause", name)),
    async remove() {
      await engineCall("rm", "--force", "--volumes", name);
      remains.remove();
    },
  };
}

const MANAGEMENT_PORT = 15_672;

function runArguments(
  name: string,
  { port, managementPort }: { readonly port: number; readonly managementPort: number },
): string[] {
  return [
    "run",
    "--detach",
    `--name=${name}`,
    // A node's files bear its name.
    "--hostname=localhost",
    `--publish=127.0.0.1:${port}:5672`,
    `--publish=127.0.0.1:${managementPort}:${MANAGEMENT_PORT}`,
    // Written without blanks, as the server's script splits it there. 4.3 refuses transient queues otherwise.
    `--env=RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-rabbit permit_deprecated_features #{transient_nonexcl_queues=>true} max_message_size ${MAX_MESSAGE_BYTES}`,
    IMAGE,
  ];
}
