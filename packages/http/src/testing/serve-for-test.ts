import { connect } from "node:net";
import { type Scope, scopes } from "@pedidos/contract";
import type { Acceptance } from "@pedidos/intake";
import { countAccepted, type Outcome, openOutcomes } from "@pedidos/intake";
import { type Identity, store as shipped } from "@pedidos/persistence";
import type { Log } from "@pedidos/process";
import { Registry } from "prom-client";
import { openAccess } from "../access/open-access.ts";
import type { Key, ReadKeys } from "../access/read-keys.ts";
import { buildApi } from "../build-api.ts";
import type { DeadLetterOperations } from "../dead-letters/operate-dead-letters.ts";
import type { Store } from "../open-store.ts";
import { readinessOf } from "../operations/health.ts";

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

export type Fakes = {
  readonly accept?: (bodies: readonly Uint8Array[]) => Promise<Acceptance>;
  readonly find?: (asked: readonly Identity[]) => Promise<readonly Outcome[]>;
  readonly store?: Partial<Store>;
  readonly anonymous?: readonly Scope[];
  readonly keys?: readonly Key[];
  readonly allowsHost?: (host: string) => boolean;
  readonly corsOrigins?: readonly string[];
  readonly trustedProxies?: readonly string[];
  readonly log?: Log;
  readonly readKeys?: (file: string) => ReadKeys;
  readonly metrics?: Registry;
  readonly requestsPerMinute?: number;
  readonly basePath?: string;
  readonly deadLetters?: DeadLetterOperations;
};

/** For tests: the API on a port of its own, on the parts that the test passes; a part that is not passed rejects. */
export async function serveForTest(fakes: Fakes = {}) {
  const { accept, find, store, anonymous = scopes, keys = [], deadLetters, ...others } = fakes;
  const { log = silent, metrics = new Registry(), readKeys: read, ...rest } = others;
  const access = openAccess(
    { anonymousScopes: new Set(anonymous), keys: { file: "keys.json", keys }, ...rest },
    { log, metrics, ...(read && { read }) },
  );
  const app = buildApi(
    {
      submitting: {
        intake: {
          accept: async (orders) => (accept === undefined ? "accepted" : accept(orders.map(({ body }) => body))),
        },
        outcomes: openOutcomes({
          find: find ?? (async (asked) => asked.map(() => ({ kind: "pending" }))),
          log: silent,
        }),
      },
      store: { ...fakeStore(), ...store },
      access,
      system: {
        readiness: async () => readinessOf({ broker: "up", database: "up" }),
        queueDepths: async () => undefined,
        isRecorder: false,
        accepted: countAccepted(),
        deadLetters,
        metrics,
      },
    },
    log,
  );
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { origin: url, port } = new URL(app.listeningOrigin);
  return {
    app,
    url,
    reload: access.reload,
    /** Sends bytes on a connection of its own; → all that comes back until it is closed. */
    raw: (bytes: string) => exchange(Number(port), bytes),
    close: () => app.close(),
  };
}

/** A store whose lists are empty and whose other answers are errors. */
function fakeStore(): Store;
function fakeStore(): object {
  const missing = () => Promise.reject(new Error("not brought by this test"));
  async function* none(): AsyncGenerator<never, void> {}
  return Object.fromEntries(Object.keys(shipped).map((name) => [name, name.startsWith("walk") ? none : missing]));
}

async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
  const chunks: Buffer[] = await socket.toArray();
  return Buffer.concat(chunks).toString();
}
