import type { Delivery, RecordingBroker } from "@pedidos/broker";
import { openRecordingBroker } from "@pedidos/messaging";
import type { Db, RecorderStore } from "@pedidos/persistence";
import { openLog, readSettingsOrExit, runUntilSignal, settings } from "@pedidos/process";
import { openConsumer } from "@pedidos/recording";

type Deliver = (delivery: Delivery) => void;

/** What a broken consumer does otherwise. */
export type Breaking = {
  readonly store?: (store: RecorderStore, on: { readonly db: Db; readonly broker: RecordingBroker }) => RecorderStore;
  readonly deliver?: (deliver: Deliver) => Deliver;
};

/** Runs the consumer with one of its parts exchanged: as a process, from its environment, composed as the real one is. */
export function consumeWith({ store = (sound) => sound, deliver = (sound) => sound }: Breaking): void {
  const { DATABASE_URL, AMQP_URL, HEALTH_PORT } = readSettingsOrExit({
    DATABASE_URL: settings.DATABASE_URL,
    AMQP_URL: settings.AMQP_URL,
    HEALTH_PORT: settings.port("the port of /health", 3001),
  });
  const log = openLog("broken-consumer", "warn");
  const sound = openRecordingBroker({ url: AMQP_URL, name: "pedidos-consumer", pedidosQueue: "as-replaced", log });
  const broker: RecordingBroker = { ...sound, consume: (onDelivery) => sound.consume(deliver(onDelivery)) };
  const { health, close } = openConsumer({
    connectionString: DATABASE_URL,
    broker,
    log,
    changeStore: (shipped, db) => store(shipped, { db, broker }),
  });
  health.listen(HEALTH_PORT, "127.0.0.1");
  runUntilSignal(log, close);
}
