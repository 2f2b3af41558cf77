import type { Concern } from "@pedidos/process";
import { withClient } from "../connection/with-client.ts";
import { type DurabilityFacts, type Hold, readDurability } from "./read-durability.ts";

const CLOCK_MS = 2_000;
/** Half way; vacuum prevents it from 200 million on. */
const MOST_UNFROZEN = 1_000_000_000;

const problem = (what: string, todo: string): Concern => ({ state: "problem", what, todo });
const note = (what: string, todo: string): Concern => ({ state: "note", what, todo });

/**
 * → what someone should know of the durability of this user's commits.
 *
 * @throws if the database is away, silent for 5 s, or refuses this user
 */
export async function findDatabaseConcerns(connectionString: string): Promise<Concern[]> {
  const options = { connectionString, applicationName: "pedidos-durability" };
  return judgeDurability(await withClient(options, (client) => readDurability(client)));
}

/** → what someone should know of the durability of commits. */
export function judgeDurability(facts: DurabilityFacts): Concern[] {
  return [...judgeDisk(facts), ...judgeStandbys(facts), ...facts.holds.map(judgeHold), ...judgeAges(facts)];
}

function* judgeDisk({ fsync, fullPageWrites }: DurabilityFacts): Generator<Concern> {
  const off = (name: string, what: string) =>
    problem(
      `${name} is off: ${what}`,
      `Set ${name} = on in postgresql.conf and reload. Without it, 2xx is no promise. What was written until then is safe after a checkpoint and a sync of the disk.`,
    );
  if (!fsync) yield off("fsync", "a power cut loses what was committed, and may ruin the whole database");
  if (!fullPageWrites) yield off("full_page_writes", "a power cut in the middle of a write may ruin a table");
}

function* judgeStandbys(facts: DurabilityFacts): Generator<Concern> {
  const { synchronousStandbyNames, synchronousStandbys, synchronousCommit } = facts;
  if (!["on", "remote_apply"].includes(synchronousCommit))
    yield note(
      `synchronous_commit is ${synchronousCommit} for this user: weaker than on`,
      "Our own sessions set it to on; commits of other programs are not as durable. Reset it for the role, the database or the server, wherever it was set.",
    );
  if (synchronousStandbyNames === "")
    yield note(
      "there is no synchronous standby: a commit is on one machine",
      "Where orders must survive the loss of that machine and its disks, set up a standby and name it in synchronous_standby_names.",
    );
  else if (synchronousStandbys === 0)
    yield problem(
      "a synchronous standby is named and none is connected: commits wait for it without end",
      "Bring a standby back that synchronous_standby_names names, or, if a commit on one machine will do, empty that setting and reload.",
    );
}

function judgeHold(hold: Hold): Concern {
  const name = JSON.stringify(hold.name);
  if (hold.kind === "transaction")
    return problem(
      `a transaction of ${hold.name} (process ${hold.pid}) is open since ${hold.since}: vacuum removes nothing newer`,
      `Have its program end it, or: select pg_terminate_backend(${hold.pid}).`,
    );
  if (hold.kind === "prepared")
    return problem(
      `the prepared transaction ${name} waits since ${hold.since}: it holds its locks, and vacuum removes nothing newer`,
      "Have the program that prepared it decide, or: rollback prepared, with that name.",
    );
  if (hold.isActive)
    return problem(
      `the replication slot ${name} is far behind: vacuum removes nothing newer`,
      "Check the standby that uses it: a long query there, or a line that is too slow.",
    );
  return problem(
    `nobody uses the replication slot ${name}: the server keeps its log for it until the disk is full`,
    "Bring its standby or subscriber back, or drop it: select pg_drop_replication_slot, with that name.",
  );
}

function* judgeAges({ unfrozen, newestAheadMs }: DurabilityFacts): Generator<Concern> {
  if (unfrozen > MOST_UNFROZEN)
    yield problem(
      "vacuum is far behind: at 2 billion transactions unfrozen the server takes no writes",
      "Find what holds it back (old transactions, slots, autovacuum off), then: vacuumdb --all --freeze.",
    );
  if ((newestAheadMs ?? 0) > CLOCK_MS)
    yield problem(
      "the newest order's time of recording is ahead of the database's clock",
      "The clock was ahead once, or has been set back. Nothing is lost; times are right again once the clock has caught up. Have every server that may become the primary keep time by NTP.",
    );
}
