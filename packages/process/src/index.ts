export { allowHosts, hostName, isLoopback } from "./allow-hosts.ts";
export { collectBacklog, collectDependencies, collectPools } from "./collect-metrics.ts";
export {
  brokerUrlRules,
  databaseUrlRules,
  findUrlFault,
  httpUrlRules,
  managementUrlRules,
  type UrlRules,
} from "./find-url-fault.ts";
export { type Log, openLog } from "./open-log.ts";
export { readSettings, readSettingsOrExit, type Setting, type Settings } from "./read-settings.ts";
export { type Concern, reportConcerns } from "./report-concerns.ts";
export { runUntilSignal } from "./run-until-signal.ts";
export * as settings from "./settings.ts";
export { shareReading } from "./share-reading.ts";
