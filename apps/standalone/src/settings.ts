import { httpSettings } from "@pedidos/http";
import { type Setting, type Settings, settings } from "@pedidos/process";

type Definitions = ReturnType<typeof httpSettings> & {
  readonly DATA_DIR: Setting<string>;
  readonly POSTGRES_DIR: Setting<string | undefined>;
  readonly DATABASE_URL: Setting<string | undefined>;
};

export type StandaloneSettings = Settings<Definitions>;

/** The settings of the standalone: those of the API, and where its database is. */
export function standaloneSettings(environment: Readonly<Record<string, string | undefined>>): Definitions {
  return {
    ...httpSettings(environment),
    DATA_DIR: settings.text("the folder of its own PostgreSQL server; made when absent", ".data"),
    POSTGRES_DIR: settings.optional(
      settings.text("the folder that holds PostgreSQL's bin/, if its files are not to be those of the npm package", ""),
    ),
    DATABASE_URL: settings.optional(settings.DATABASE_URL),
  };
}
