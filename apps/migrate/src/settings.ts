import { settings } from "@pedidos/process";

export const migrateSettings = {
  DATABASE_URL: settings.DATABASE_URL,
  LOG_LEVEL: settings.LOG_LEVEL,
};
