import { consumeWith } from "./consume-with.ts";

// Every answer of the database is taken for a lost connection, and a select shows that it is back.
consumeWith({
  store: (store, { db }) => ({
    ...store,
    probe: async () => void (await db.selectFrom("spool").select("spool_id").limit(1).execute()),
    classify(error) {
      const failure = store.classify(error);
      return failure.kind === "back_off" ? { ...failure, kind: "connection_lost" } : failure;
    },
  }),
});
