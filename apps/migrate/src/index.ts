export { migrateSettings } from "./settings.ts";
