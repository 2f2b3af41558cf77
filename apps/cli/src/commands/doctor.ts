import { type BrokerFacts, inspectBroker } from "@pedidos/messaging";
import { type DatabaseFacts, inspectDatabase, schemaDirectory } from "@pedidos/persistence";
import { brokerUrlRules, databaseUrlRules, managementUrlRules } from "@pedidos/process";
import { command } from "../command.ts";
import { type Finding, findingsAbout } from "../doctor/finding.ts";
import { inspectApi, PAUSED } from "../doctor/inspect-api.ts";
import { inspectRecording } from "../doctor/inspect-recording.ts";
import { judgeBroker } from "../doctor/judge-broker.ts";
import { judgeDatabase } from "../doctor/judge-database.ts";
import { checkUrl, environment } from "../environment.ts";
import { exitCodes } from "../failure.ts";
import { print } from "../print.ts";

/** Checks everything that it can reach, and changes nothing. */
export const doctor = command(
  "doctor",
  "Check the API, and DATABASE_URL and AMQP_URL if they are set, and say what to do about each finding",
  (argv) => argv,
  async ({ url, json }) => {
    const { databaseUrl, amqpUrl, managementUrl } = environment;
    if (databaseUrl !== undefined) checkUrl("DATABASE_URL", databaseUrl, databaseUrlRules);
    if (amqpUrl !== undefined) checkUrl("AMQP_URL", amqpUrl, brokerUrlRules);
    if (managementUrl !== undefined) checkUrl("AMQP_MANAGEMENT_URL", managementUrl, managementUrlRules);
    const ofApi = await inspectApi(url);
    const isPaused = ofApi.some(({ what }) => what === PAUSED);
    const inspectQueues = (address: string) => inspectBroker(address, managementUrl);
    const findings = [
      findingsAbout("node").ok(`Node ${process.versions.node}`),
      ...ofApi,
      ...(await inspectRecording({ url, key: environment.key }, amqpUrl !== undefined)),
      ...(await examine("database", "DATABASE_URL", databaseUrl, inspectSchema, judgeDatabase)),
      ...(await examine("broker", "AMQP_URL", amqpUrl, inspectQueues, (facts) => judgeBroker(facts, isPaused))),
    ];
    for (const one of findings) print(one, json, describe);
    return findings.some(({ state }) => state === "problem") ? exitCodes.found : exitCodes.done;
  },
);

const inspectSchema = (connectionString: string): Promise<DatabaseFacts> =>
  inspectDatabase(connectionString, schemaDirectory());

async function examine<Facts extends DatabaseFacts | BrokerFacts>(
  about: "database" | "broker",
  setting: string,
  address: string | undefined,
  inspect: (address: string) => Promise<Facts>,
  judge: (facts: Facts) => Finding[],
): Promise<Finding[]> {
  if (address === undefined)
    return [findingsAbout("settings").note(`${setting} is not set: the ${about} is not inspected`, `Set ${setting}.`)];
  try {
    return judge(await inspect(address));
  } catch (error) {
    const todo = `Does it run, and are address, user and password in ${setting} right?`;
    return [findingsAbout(about).problem(`it can't be reached: ${reasonOf(error)}`, todo)];
  }
}

/** → the message alone, which holds no password; of several addresses the first one's. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

function describe({ about, state, what, todo }: Finding): string {
  const mark = { ok: "ok     ", note: "note   ", problem: "PROBLEM" }[state];
  return `${mark}  ${about.padEnd(8)}  ${what}\n${state === "ok" || todo === undefined ? "" : `${" ".repeat(19)}→ ${todo}\n`}`;
}
