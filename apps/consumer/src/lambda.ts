import { openLog, readSettingsOrExit } from "@pedidos/process";
import { consumerSettings, type Invocation, openParts, recordEvent } from "@pedidos/recording";

const settings = readSettingsOrExit(consumerSettings);
const log = openLog("pedidos-consumer", settings.LOG_LEVEL);

/** Records the messages of an Amazon MQ event; an event without any, such as a schedule's, works off what waits. */
export const handler: (event: unknown, invocation: Invocation) => Promise<void> = recordEvent({
  ...openParts(settings, log),
  log,
});
