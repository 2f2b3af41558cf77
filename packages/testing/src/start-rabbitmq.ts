import { findRabbitmq, rabbitmqIn } from "./find-rabbitmq.ts";
import { mayInstallPackages } from "./install-package.ts";
import { installRabbitmq } from "./install-rabbitmq.ts";
import type { Rabbitmq } from "./rabbitmq.ts";
import { findContainerEngine, startRabbitmqContainer } from "./rabbitmq-container.ts";
import { startRabbitmqNode } from "./rabbitmq-node.ts";

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
  if (mayInstallPackages()) return startRabbitmqNode(installRabbitmq());
  throw new Error(
    "The tests need RabbitMQ, and there is none: no rabbitmq-server on the PATH, no docker or podman whose daemon answers, and no right to install Debian's package (that takes root on Debian or Ubuntu). Install one of them, or start Docker.",
  );
}
