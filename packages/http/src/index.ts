export { type Access, type AccessSettings, openAccess } from "./access/open-access.ts";
export { type ApiDependencies, buildApi } from "./build-api.ts";
export { openApi } from "./open-api.ts";
export { type Broker, openParts, type PartsOptions } from "./open-parts.ts";
export { openStore, type Store } from "./open-store.ts";
export { accessFrom, apiSettings, httpSettings } from "./settings.ts";
