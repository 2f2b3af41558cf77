import type { IntakeBroker } from "@pedidos/broker";
import { type ApiOptions, accessFrom, apiSettings, openApi } from "@pedidos/http";
import { openIntakeBroker, type PublisherOptions } from "@pedidos/messaging";
import { openLog, readSettingsOrExit, runUntilSignal } from "@pedidos/process";

/** What a broken API does otherwise. */
export type Breaking = Pick<ApiOptions, "changeRoads"> & {
  readonly broker?: (broker: IntakeBroker, options: PublisherOptions) => IntakeBroker;
};

/** Runs the API with one of its parts exchanged: as a process, from its environment, composed as the real one is. */
export async function publishWith({ broker: change = (broker) => broker, ...changed }: Breaking): Promise<void> {
  const settings = readSettingsOrExit(apiSettings(process.env));
  const log = openLog("broken-api", "warn");
  const options = { url: settings.AMQP_URL, name: "pedidos-api", log };
  const { app, close } = openApi({
    connectionString: settings.DATABASE_URL,
    broker: change(openIntakeBroker(options), options),
    access: accessFrom(settings),
    log,
    ...changed,
  });
  runUntilSignal(log, close);
  await app.listen({ host: settings.HOST, port: settings.PORT });
}
