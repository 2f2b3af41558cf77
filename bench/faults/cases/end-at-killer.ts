import type { RecorderStore } from "@pedidos/persistence";

/**
 * A store whose process ends whenever it comes to record a certain order. It reads orders only: what is recorded as
 * poison is not parsed.
 */
export function endAtKiller(store: RecorderStore): RecorderStore {
  return {
    ...store,
    async record(submissions, announced) {
      for (const submission of submissions)
        if (submission.kind === "order" && submission.order.items.some(({ product }) => product === "killer"))
          process.kill(process.pid, "SIGKILL");
      return await store.record(submissions, announced);
    },
  };
}
