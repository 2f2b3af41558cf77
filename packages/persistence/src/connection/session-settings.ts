/** How long a session lets things take, in milliseconds; 0: as long as they like. */
export type SessionLimits = {
  /**
   * Set by whoever takes the replaced system's table over: its times, which have no zone, are read in the one that the
   * database, the role or the URL names.
   */
  readonly keepTimeZone?: boolean;
  readonly statementMs: number;
  readonly lockMs: number;
  readonly idleInTransactionMs: number;
};

/**
 * What our statements and the way we read their answers depend on. A connection string's `options`, PGOPTIONS, a role, a
 * database or a server may say otherwise, and whoever says it last would decide.
 *
 * - Reads: times in UTC and ISO, text in UTF-8, floats in full; what the schema's files have to say.
 * - Writes: array literals hold NULL, a backslash in a literal is one.
 * - Transactions: what batches do at once is ordered by constraints and locks, so `serializable` would only make them fail.
 * - Connections: an error that ends the session, or an idle pool whose sessions are ended, looks like a database that
 *   crashes, which counts against whatever is being tried.
 * - Logs: the parameters of a statement that fails are orders.
 *
 * `default_transaction_read_only` is not among them: an operator who sets it stops writes for a reason, a cut-over mostly,
 * and what is written in spite of that is lost. probeRecording sees it, and recording pauses.
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

/** Never weaker than `on`: `remote_write` leaves to the standby's memory what `on` has on its disk. */
const SYNCHRONOUS_COMMIT = `case current_setting('synchronous_commit') when 'remote_apply' then 'remote_apply' else 'on' end`;

/** What to select from: rows `(name, value)` of what this server knows, each value as `current_setting` shows it. */
function wanted({ keepTimeZone = false, statementMs, lockMs, idleInTransactionMs }: SessionLimits): string {
  const limits = {
    statement_timeout: asShown(statementMs),
    lock_timeout: asShown(lockMs),
    idle_in_transaction_session_timeout: asShown(idleInTransactionMs),
  };
  const { timezone, ...others } = FIXED;
  const settings = { ...others, ...(keepTimeZone ? {} : { timezone }), ...limits };
  const rows = Object.entries(settings).map(([name, value]) => `('${name}', '${value}')`);
  return `(values ${rows.join(", ")}, ('synchronous_commit', ${SYNCHRONOUS_COMMIT})) as wanted (name, value)
    where current_setting(name, true) is not null`;
}

/** As PostgreSQL shows a time: in the largest unit that holds it exactly. */
function asShown(ms: number): string {
  if (ms === 0) return "0";
  const [unit, size] = UNITS.find(([, size]) => ms % size === 0) ?? ["ms", 1];
  return `${ms / size}${unit}`;
}

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/**
 * → the text that applies the settings, for a simple query, which is one transaction. Its first statement is there for the
 * second one, which may take longer than a role's `statement_timeout` allows.
 *
 * @param isLocal an SQL expression: whether they end with the transaction
 */
export function applySettings(limits: SessionLimits, isLocal: string): string {
  return `set local statement_timeout = ${limits.statementMs};
    select set_config(name, value, ${isLocal}) from ${wanted(limits)}`;
}

/** → the text that reads back what is set otherwise than it was asked for; null where nothing is. */
export function verifySettings(limits: SessionLimits): string {
  return `select string_agg(format('%s is "%s", not "%s"', name, current_setting(name), value), '; ') as lacking
    from ${wanted(limits)} and current_setting(name) <> value`;
}
