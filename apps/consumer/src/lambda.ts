import { openLog, readSettingsOrExit } from "@pedidos/process";
import { openParts } from "./open-parts.ts";
import { recordEvent } from "./record-event.ts";
import { consumerSettings } from "./settings.ts";

const settings = readSettingsOrExit(consumerSettings);
const log = openLog("pedidos-consumer", settings.LOG_LEVEL);

/** Records the messages of an Amazon MQ event; an event without any, such as a schedule's, works off what waits. */
export const handler = recordEvent({ ...openParts(settings, log), log });
