import { settings } from "@pedidos/process";
import { tracingSettings } from "@pedidos/tracing";

export const consumerSettings = {
  DATABASE_URL: settings.DATABASE_URL,
  AMQP_URL: settings.AMQP_URL,
  LOG_LEVEL: settings.LOG_LEVEL,
  HOST: settings.HOST,
  ALLOWED_HOSTS: settings.ALLOWED_HOSTS,
  HEALTH_PORT: settings.port("the port of /health and /metrics", 3001),
  PEDIDOS_QUEUE: settings.oneOf(
    "the replaced system's queue where it is absent: declared as that system declares it, as a durable one, or let be",
    ["as-replaced", "durable", "off"],
    "as-replaced",
  ),
  ...tracingSettings,
};
