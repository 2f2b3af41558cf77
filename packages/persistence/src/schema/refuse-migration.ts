import type pg from "pg";
import { firstRow } from "../connection/statements.ts";
import { LONGEST_SCHEMA_BYTES, type MigrationList } from "./schema-files.ts";

/** Why a database can't be migrated as it is, and what to do, for the person who has to do it. */
export class MigrationRefused extends Error {}

const OLDEST_MAJOR = 15;

type Facts = {
  readonly name: string;
  readonly user: string;
  readonly schema: string | null;
  readonly schemaBytes: number;
  readonly version: number;
  readonly encoding: string;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
  readonly mayCreateSchemas: boolean;
  readonly mayCreateTables: boolean;
  readonly holdsOrders: boolean;
};

export async function readFacts(client: pg.Client): Promise<Facts> {
  const { rows } = await client.query<Facts>(`
    select current_database() as name, current_user as "user", current_schema() as schema,
      octet_length(current_schema()) as "schemaBytes", current_setting('server_version_num')::integer as version,
      current_setting('server_encoding') as encoding, pg_is_in_recovery() as "isStandby",
      current_setting('transaction_read_only')::boolean as "isReadOnly",
      has_database_privilege(current_database(), 'create') as "mayCreateSchemas",
      has_schema_privilege(current_schema(), 'create') as "mayCreateTables",
      to_regclass(quote_ident(current_schema()) || '.orders') is not null as "holdsOrders"`);
  return firstRow(rows);
}

/** @throws {MigrationRefused} if there is a reason */
export function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw new MigrationRefused(reason);
}

/** → what every run needs and this database lacks. */
export function unfitness({ name, user, schema, schemaBytes, version, encoding, isStandby, isReadOnly }: Facts) {
  const database = `The database ${name}`;
  if (version < OLDEST_MAJOR * 10_000)
    return `${database} is on PostgreSQL ${Math.floor(version / 10_000)}. Upgrade the server to PostgreSQL ${OLDEST_MAJOR} or newer.`;
  if (encoding !== "UTF8")
    return `${database} has the encoding ${encoding}, which can't hold every order. Make a database with the encoding UTF8 (create database pedidos encoding 'UTF8' template template0), copy what is to be kept into it with pg_dump and pg_restore, and name it in DATABASE_URL.`;
  if (isStandby) return `${database} is on a standby, which takes no writes. Name the primary in DATABASE_URL.`;
  if (isReadOnly)
    return `${database} is read-only for the user ${user}: default_transaction_read_only is on, for the user, the database or the server. Turn it off, or name another user or database in DATABASE_URL.`;
  if (schema === null)
    return `${database} has none of the schemas in the search_path of the user ${user}. Make one (create schema pedidos), or set the search_path of the user to one that exists.`;
  if (schemaBytes > LONGEST_SCHEMA_BYTES)
    return `The name of the schema ${schema} is longer than ${LONGEST_SCHEMA_BYTES} bytes. Give it a shorter one.`;
  return undefined;
}

/** → what a run that changes something needs and this database lacks. */
export function unpreparedness(facts: Facts, list: MigrationList) {
  const { name, user, schema, mayCreateSchemas, mayCreateTables, holdsOrders } = facts;
  if (!list.exists && holdsOrders)
    return `The schema ${schema} of the database ${name} holds a table orders, but there is no list of applied files (${list.table}). If another program made it, give this one a schema of its own: create schema, and set the search_path of the user in DATABASE_URL to it. If the schema was renamed, rename the schema of its list too. If a development version before the first release made it, start with an empty database.`;
  if (!mayCreateTables || (!list.exists && !mayCreateSchemas))
    return `The user ${user} may not change the schema ${schema} of the database ${name}. Name the owner of the database in DATABASE_URL, or grant create on database ${name} and on schema ${schema} to this user.`;
  return undefined;
}
