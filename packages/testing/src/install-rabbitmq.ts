import { findRabbitmq, type RabbitmqBinaries } from "./find-rabbitmq.ts";
import { installPackage } from "./install-package.ts";

/** Installs the distribution's rabbitmq-server, without leaving its service running. */
export function installRabbitmq(): RabbitmqBinaries {
  process.stderr.write("no RabbitMQ and no container engine here: installing the package rabbitmq-server\n");
  installPackage("rabbitmq-server");
  const found = findRabbitmq();
  if (found === undefined) throw new Error("apt-get installed rabbitmq-server, but there is none");
  return found;
}
