import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";

const OURS = "datname = current_database() and application_name in ('pedidos-consumer', 'pedidos-api', 'broken')";

/** Has the database refuse a statement of recording, by a trigger: what it answers is what counts. */
const answering = (code: string, when = "true") => `create function faults_refuse() returns trigger language plpgsql as
  $$ begin if ${when} then raise exception 'refused' using errcode = '${code}'; end if; return null; end $$;
  create trigger faults_refuse after insert on orders execute function faults_refuse()`;

/**
 * Trouble in which a database answers, and does not do it. A transaction that is left open ends with its session. (Who
 * connects here is an administrator, whom no missing right stops.)
 */
const TROUBLES = {
  "a right is missing": answering("42501"),
  "no space is left": answering("53100"),
  "deadlocks come and go": answering("40P01", "random() < 0.5"),
  "statements take too long": answering("57014", "random() < 0.5"),
  "a column is renamed": "alter table orders rename column total to faults_total",
  "the orders are locked": "begin; lock table orders in share mode",
  "some customers are locked":
    "begin; select from customers where customer_id in (select customer_id from customers order by random() limit 3) for update",
  "it is read-only": `do $$ begin execute format('alter database %I set default_transaction_read_only = on', current_database()); end $$;
    select pg_terminate_backend(pid) from pg_stat_activity where ${OURS}`,
} as const;
export type TroubleName = keyof typeof TROUBLES;
export const TROUBLE_NAMES = Object.keys(TROUBLES).filter((name): name is TroubleName => name in TROUBLES);

const HEAL_COLUMN = `do $$ begin
    if exists (select from pg_attribute where attrelid = 'orders'::regclass and attname = 'faults_total') then
      alter table orders rename column faults_total to total;
    end if;
  end $$`;
/** A session keeps the default that it began with. */
const HEAL_SESSIONS = `do $$ begin
    execute format('alter database %I reset default_transaction_read_only', current_database());
  end $$;
  select pg_terminate_backend(pid) from pg_stat_activity where ${OURS}`;

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    application_name: "faults",
    connectionTimeoutMillis: 2_000,
    query_timeout: 15_000,
    options: "-c default_transaction_read_only=off -c lock_timeout=10s",
  });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Makes trouble, and ends it when its time is over. → "skipped" if the database did not let it be made. */
export async function troubleDatabase(url: string, name: TroubleName, forMs: number): Promise<"done" | "skipped"> {
  const client = await connect(url).catch(() => undefined);
  if (client === undefined) return "skipped";
  try {
    await client.query(TROUBLES[name]);
    await wait(forMs);
    return "done";
  } catch {
    return "skipped";
  } finally {
    await client.end().catch(() => {});
    // While the server is away the healing at the run's end does it.
    await healDatabase(url).catch(() => {});
  }
}

/** Ends what trouble has left, if anything. */
export async function healDatabase(url: string): Promise<void> {
  const client = await connect(url);
  try {
    await client.query("drop function if exists faults_refuse cascade");
    const { rows } = await client.query<{ sessions: boolean }>(
      "select exists (select from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where datname = current_database()) as sessions",
    );
    await client.query(HEAL_COLUMN);
    if (rows[0]?.sessions) await client.query(HEAL_SESSIONS);
  } finally {
    await client.end();
  }
}
