import { findRabbitmq, rabbitmqIn } from "./find-rabbitmq.ts";
import { installRabbitmq, mayInstallRabbitmq } from "./install-rabbitmq.ts";
import { findContainerEngine, startRabbitmqContainer } from "./rabbitmq-container.ts";
import { startRabbitmqNode } from "./rabbitmq-node.ts";
import type { CtlRecipe } from "./run-ctl.ts";

/** A private broker; `guest` may do everything on its virtual host `/`. */
export type Rabbitmq = {
  readonly url: string;
  readonly recipe: CtlRecipe;
  /** Runs `rabbitmqctl` with these arguments; → what it printed. */
  ctl(...args: string[]): Promise<string>;
  /** Starts it again after `stop` or `kill`, on the same port and files; resolves when it takes connections. */
  start(): Promise<void>;
  /** Ends it in order; its files stay. */
  stop(): Promise<void>;
  /** SIGKILL; its files stay. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Stops it in its tracks, every connection left open. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Ends it and removes its files. What is not removed is, when this process exits. */
  remove(): Promise<void>;
};

/**
 * Starts a private RabbitMQ: the one in the folder that TEST_RABBITMQ_ROOT names (see unpack-rabbitmq.sh), else from this
 * machine's own binaries, else in a container, else from Debian's or Ubuntu's package, which it installs.
 */
export async function startRabbitmq(): Promise<Rabbitmq> {
  const root = process.env.TEST_RABBITMQ_ROOT;
  const binaries = root ? rabbitmqIn(root) : findRabbitmq();
  if (binaries !== undefined) return startRabbitmqNode(binaries);
  const engine = findContainerEngine();
  if (engine !== undefined) return startRabbitmqContainer(engine);
  if (mayInstallRabbitmq()) return startRabbitmqNode(installRabbitmq());
  throw new Error(
    "The tests need RabbitMQ, and there is none: no rabbitmq-server on the PATH, no docker or podman whose daemon answers, and no right to install Debian's package (that takes root on Debian or Ubuntu). Install one of them, or start Docker.",
  );
}
