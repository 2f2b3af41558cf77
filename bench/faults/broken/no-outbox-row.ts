import { consumeWith } from "./consume-with.ts";

// What is to be announced is known to this process alone.
consumeWith({
  store: (store) => ({
    ...store,
    async record(submissions, announced) {
      const recorded = await store.record(submissions, announced);
      await store.deleteAnnounced(recorded.announcement.outboxIds);
      return recorded;
    },
  }),
});
