import { type BrokerFacts, inspectBroker } from "@pedidos/messaging";
import { type DatabaseFacts, inspectDatabase, schemaDirectory } from "@pedidos/persistence";
import { type Finding, finding } from "../doctor/finding.ts";
import { inspectApi, PAUSED } from "../doctor/inspect-api.ts";
import { judgeBroker } from "../doctor/judge-broker.ts";
import { judgeDatabase } from "../doctor/judge-database.ts";
import { type ExitCode, exitCodes } from "../failure.ts";
import { print } from "../print.ts";

export type DoctorOptions = {
  readonly url: string;
  readonly databaseUrl: string | undefined;
  readonly amqpUrl: string | undefined;
  /** Of the broker's management API, with a user who may see it; by default the broker's host, port and user. */
  readonly managementUrl: string | undefined;
  readonly asJson: boolean;
};

/** `pedidos doctor`: looks at everything that can be reached, changes nothing, and says what to do about each finding. */
export async function doctor({ url, databaseUrl, amqpUrl, managementUrl, asJson }: DoctorOptions): Promise<ExitCode> {
  const ofApi = await inspectApi(url);
  const isPaused = ofApi.some(({ what }) => what === PAUSED);
  const inspectQueues = (address: string) => inspectBroker(address, managementUrl);
  const findings = [
    finding("node", "ok", `Node ${process.versions.node}`),
    ...ofApi,
    ...(await examine("database", "DATABASE_URL", databaseUrl, inspectSchema, judgeDatabase)),
    ...(await examine("broker", "AMQP_URL", amqpUrl, inspectQueues, (facts) => judgeBroker(facts, isPaused))),
  ];
  for (const one of findings) {
    if (asJson) print(one, true);
    else process.stdout.write(describe(one));
  }
  return findings.some(({ state }) => state === "problem") ? exitCodes.found : exitCodes.done;
}

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
    return [finding("settings", "note", `${setting} is not set: the ${about} is not looked at`, `Set ${setting}.`)];
  try {
    return judge(await inspect(address));
  } catch (error) {
    return [
      finding(
        about,
        "problem",
        `it can't be reached: ${reasonOf(error)}`,
        `Does it run, and are address, user and password in ${setting} right?`,
      ),
    ];
  }
}

/** Its message alone, which holds no password; of several addresses that were tried the first one's. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}

function describe({ about, state, what, todo }: Finding): string {
  const mark = { ok: "ok     ", note: "note   ", problem: "PROBLEM" }[state];
  return `${mark}  ${about.padEnd(8)}  ${what}\n${state === "ok" || todo === undefined ? "" : `${" ".repeat(19)}→ ${todo}\n`}`;
}
