/** Limits of a session, in milliseconds; 0: none. */
export type SessionLimits = {
  /** Set by the migrator, which reads the replaced system's times, that have no zone, in the database's own zone. */
  readonly keepTimeZone?: boolean;
  readonly statementMs: number;
  readonly lockMs: number;
  readonly idleInTransactionMs: number;
};

/**
 * What our statements and the way we read their answers depend on. A connection string's `options`, PGOPTIONS, a role, a
 * database or a server may set it otherwise.
 *
 * - Reads: times in UTC and ISO, text in UTF-8, floats in full, the notices of the schema's files.
 * - Writes: array literals hold NULL, a backslash in a literal is one.
 * - Transactions: constraints and locks order concurrent batches, so `serializable` would only make them fail.
 * - Connections: an error that ends the session, or an idle session that the server ends, looks like a database that
 *   crashes, and that counts against the orders that are being tried.
 * - Logs: the parameters of a statement that fails are orders.
 *
 * `default_transaction_read_only` is not among them: an operator sets it to stop writes, mostly for a cut-over, and a write
 * in spite of it would be lost. probeRecording sees it, and recording pauses.
 */
const FIXED = {
  timezone: "UTC",
  datestyle: "ISO, MDY",
  intervalstyle: "postgres",
  client_encoding: "UTF8",
  bytea_output: "hex",
  extra_float_digits: "1",
  array_nulls: "on",
  standard_conforming_strings: "on",
  default_transaction_isolation: "read committed",
  exit_on_error: "off",
  client_min_messages: "notice",
  idle_session_timeout: "0",
  log_parameter_max_length_on_error: "0",
  /** PostgreSQL 17 and newer; the other limits bound a transaction already. */
  transaction_timeout: "0",
} as const;

/** Never weaker than `on`: with `remote_write` a commit is in the standby's memory only, with `on` it is on its disk. */
const SYNCHRONOUS_COMMIT = `case current_setting('synchronous_commit') when 'remote_apply' then 'remote_apply' else 'on' end`;

/** A from clause: rows `(name, value)` of the settings that this server knows, each value as `current_setting` shows it. */
function wanted({ keepTimeZone = false, statementMs, lockMs, idleInTransactionMs }: SessionLimits): string {
  const settings = {
    ...FIXED,
    statement_timeout: asShown(statementMs),
    lock_timeout: asShown(lockMs),
    idle_in_transaction_session_timeout: asShown(idleInTransactionMs),
  };
  const rows = Object.entries(settings).map(([name, value]) => `('${name}', '${value}')`);
  return `(values ${rows.join(", ")}, ('synchronous_commit', ${SYNCHRONOUS_COMMIT})) as wanted (name, value)
    where current_setting(name, true) is not null ${keepTimeZone ? "and name <> 'timezone'" : ""}`;
}

const UNITS = Object.entries({ d: 86_400_000, h: 3_600_000, min: 60_000, s: 1_000, ms: 1 });

/** As PostgreSQL shows a time: in the largest unit that holds it exactly. */
function asShown(ms: number): string {
  const [unit = "", size = 1] = UNITS.find(([, size]) => ms % size === 0) ?? [];
  return ms === 0 ? "0" : `${ms / size}${unit}`;
}

/**
 * → the text that applies the settings, for a simple query, which is one transaction. The second statement may take longer
 * than a role's `statement_timeout` allows, so the first lifts that.
 *
 * @param isLocal an SQL expression: whether the settings end with the transaction
 */
export function applySettings(limits: SessionLimits, isLocal: string): string {
  return `set local statement_timeout = ${limits.statementMs};
    select set_config(name, value, ${isLocal}) from ${wanted(limits)}`;
}

/** → the text that reads back which settings differ from the wanted ones; null if none does. */
export function verifySettings(limits: SessionLimits): string {
  return `select string_agg(format('%s is "%s", not "%s"', name, current_setting(name), value), '; ') as lacking
    from ${wanted(limits)} and current_setting(name) <> value`;
}
