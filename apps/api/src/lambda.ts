import { awsLambdaFastify } from "@fastify/aws-lambda";
import { accessFrom, apiSettings, openApi } from "@pedidos/http";
import { openIntakeBroker } from "@pedidos/messaging";
import { openLog, readSettingsOrExit } from "@pedidos/process";

// Behind a gateway it is off loopback, with any HOST: keys or anonymous scopes have to be set.
const HOST = "0.0.0.0";
const settings = { ...readSettingsOrExit(apiSettings({ ...process.env, HOST })), HOST };
const name = "pedidos-api";
const log = openLog(name, settings.LOG_LEVEL);
const { app } = openApi({
  connectionString: settings.DATABASE_URL,
  broker: openIntakeBroker({ url: settings.AMQP_URL, deadLettersUrl: settings.DEAD_LETTERS_AMQP_URL, name, log }),
  access: accessFrom(settings),
  log,
});

/** Answers the events of an HTTP API of API Gateway (payload format 2.0) or of a function URL. */
export const handler = awsLambdaFastify(app, {
  binaryMimeTypes: ["image/png", "font/woff2"],
  decorateRequest: false,
  parseCommaSeparatedQueryParams: false,
});
await app.ready();
