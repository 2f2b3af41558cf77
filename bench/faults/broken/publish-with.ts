import { accessFrom, apiSettings, type Broker, buildApi, openAccess, openParts } from "@pedidos/http";
import type { Intake, IntakeRoads } from "@pedidos/intake";
import {
  type OutgoingMessage,
  openDeadLetters,
  openPublisher,
  ordersMessage,
  type PublishOutcome,
} from "@pedidos/messaging";
import { type Log, openLog, readSettingsOrExit, runUntilSignal } from "@pedidos/process";

type Publish = (message: OutgoingMessage) => Promise<PublishOutcome>;

/** What a broken API does otherwise. */
export type Breaking = {
  readonly publish?: (publish: Publish) => Publish;
  readonly requeue?: (publish: Publish) => Publish;
  readonly intake?: (publish: NonNullable<IntakeRoads["publish"]>, log: Log) => Intake;
};

const asItIs = (publish: Publish) => publish;

/** Runs the API from its own parts, one of them replaced: as a process, from its environment, as the real one. */
export async function publishWith({ publish = asItIs, requeue = asItIs, intake }: Breaking) {
  const settings = readSettingsOrExit(apiSettings(process.env));
  const log = openLog("broken-api", "warn");
  const connection = { url: settings.AMQP_URL, name: "broken", log };
  const publisher = openPublisher(connection);
  const publishOrders = (bodies: readonly Uint8Array[]) => publish(publisher.publish)(ordersMessage(bodies, "http"));
  const broker: Broker = {
    publish: publishOrders,
    status: () => (publisher.status() === "up" ? "up" : "down"),
    depths: publisher.depths,
    unconfirmed: publisher.unconfirmed,
    deadLetters: openDeadLetters(connection),
    requeue: requeue(publisher.publish),
  };
  const { close, ...parts } = openParts({ connectionString: settings.DATABASE_URL, broker, log });
  const submitting = intake ? { ...parts.submitting, intake: intake(publishOrders, log) } : parts.submitting;
  const api = buildApi({ ...parts, submitting, access: openAccess(accessFrom(settings), log) }, log);
  runUntilSignal(log, async () => {
    await api.close();
    await Promise.all([publisher.close(), close()]);
  });
  await api.listen({ host: settings.HOST, port: settings.PORT });
}
