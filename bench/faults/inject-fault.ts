import { setTimeout as wait } from "node:timers/promises";
import type { Fault, LinkName, ProcessName } from "./plan-faults.ts";
import { bindIntake, deleteIntake, type Pausable, unbindIntake } from "./spoil-topology.ts";
import type { FaultSystem } from "./start-fault-system.ts";
import { healDatabase, troubleDatabase } from "./trouble-database.ts";

/** Does a fault to the system, and undoes it when its time is over. → what came of it. */
export async function injectFault(system: FaultSystem, fault: Fault, clients: Pausable): Promise<"done" | "skipped"> {
  const { kind, forMs } = fault;
  if (kind === "kill" || kind === "freeze" || kind === "terminate") {
    const target = processOf(system, fault.target);
    await target[kind]();
    await wait(forMs);
    await (kind === "freeze" ? target.thaw() : target.start());
    return "done";
  }
  if (kind === "cut" || kind === "stall" || kind === "delay") {
    const link = system.links.get(fault.target);
    if (fault.kind === "delay") link?.delay(fault.delayMs);
    else if (fault.kind === "stall") link?.stall();
    else link?.cut();
    await wait(forMs);
    healLink(system, fault.target);
    return "done";
  }
  if (kind === "refuse") return await troubleDatabase(system.databaseUrl, fault.trouble, forMs);
  if (kind === "alarm") {
    await setAlarm(system, true);
    await wait(forMs);
    await setAlarm(system, false);
    return "done";
  }
  if (kind === "unbind") {
    await unbindIntake(system.amqpUrl);
    await wait(forMs);
    await bindIntake(system.amqpUrl);
    return "done";
  }
  return await deleteIntake(system, clients);
}

/** Makes everything good again that a fault can have made bad. */
export async function healSystem(system: FaultSystem, { sparing = [] }: { sparing?: readonly ProcessName[] } = {}) {
  for (const name of system.links.keys()) healLink(system, name);
  const { postgres, rabbitmq, apps } = system;
  postgres.thaw();
  await rabbitmq.thaw();
  await Promise.all([postgres.start(), rabbitmq.start()]);
  await setAlarm(system, false);
  await healDatabase(system.databaseUrl);
  await bindIntake(system.amqpUrl);
  for (const app of Object.values(apps)) {
    if (sparing.some((name) => name === app.name)) continue;
    app.thaw();
    await app.start();
  }
}

function processOf({ postgres, rabbitmq, apps }: FaultSystem, name: ProcessName) {
  if (name === "postgres") return { ...postgres, terminate: postgres.stop };
  if (name === "rabbitmq") return { ...rabbitmq, terminate: rabbitmq.stop };
  return apps[name];
}

function healLink({ links }: FaultSystem, name: LinkName): void {
  links.get(name)?.delay(0);
  links.get(name)?.flow();
}

/** The memory alarm: connections that publish are blocked. A broker that starts has none. */
async function setAlarm({ rabbitmq }: FaultSystem, on: boolean): Promise<void> {
  await rabbitmq.ctl("set_vm_memory_high_watermark", on ? "0" : "0.6").catch(() => {});
}
