import { createServer } from "node:http";
import { type Delivery, openConsumer, openPublisher, type Publisher } from "@pedidos/messaging";
import { type Db, openDatabase } from "@pedidos/persistence";
import { openLog, readSettingsOrExit, runUntilSignal, settings } from "@pedidos/process";
import { openRecorder, openRecorderStore, type RecorderStore } from "@pedidos/recording";

type Deliver = (delivery: Delivery) => void;

/** What a broken consumer does otherwise. */
export type Breaking = {
  readonly store?: (store: RecorderStore, on: { readonly db: Db; readonly publisher: Publisher }) => RecorderStore;
  readonly deliver?: (deliver: Deliver) => Deliver;
};

/** Runs the consumer from its own parts, one of them replaced: as a process, from its environment, as the real one. */
export function consumeWith({ store = (sound) => sound, deliver = (sound) => sound }: Breaking): void {
  const { DATABASE_URL, AMQP_URL, HEALTH_PORT } = readSettingsOrExit({
    DATABASE_URL: settings.DATABASE_URL,
    AMQP_URL: settings.AMQP_URL,
    HEALTH_PORT: settings.port("the port of /health", 3001),
  });
  const log = openLog("broken-consumer", "warn");
  const db = openDatabase({ connectionString: DATABASE_URL, applicationName: "broken", log });
  const connection = { url: AMQP_URL, name: "broken", log };
  const publisher = openPublisher(connection);
  const recorder = openRecorder({
    store: store(openRecorderStore(db), { db, publisher }),
    broker: {
      publisher,
      consume: (onDelivery) =>
        openConsumer({ ...connection, prefetch: 200, pedidosQueue: "as-replaced", onDelivery: deliver(onDelivery) }),
    },
    log,
  });
  const health = createServer((_request, response) => {
    const { broker, database } = recorder.status();
    const status = broker === "up" && database === "up" ? "ready" : "unavailable";
    response.writeHead(status === "ready" ? 200 : 503).end(JSON.stringify({ status }));
  }).listen(HEALTH_PORT, "127.0.0.1");
  runUntilSignal(log, async () => {
    await recorder.stop();
    health.close();
    await db.destroy();
  });
}
