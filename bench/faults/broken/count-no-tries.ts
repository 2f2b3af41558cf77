import { endAtKiller } from "../cases/end-at-killer.ts";
import { consumeWith } from "./consume-with.ts";

// What is tried alone is always tried for the first time.
consumeWith({
  store: (store) => ({
    ...endAtKiller(store),
    async claimSuspect() {
      const row = await store.claimSuspect();
      return row && { ...row, tries: 1 };
    },
  }),
});
