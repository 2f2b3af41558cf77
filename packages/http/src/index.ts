export { type ApiOptions, openApi } from "./open-api.ts";
export { openStore, type Store } from "./open-store.ts";
export { accessFrom, apiSettings, httpSettings } from "./settings.ts";
