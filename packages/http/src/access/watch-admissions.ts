import type { EventEmitter } from "node:events";

/** How soon what a key opened ends after the key has expired. */
const CHECK_EVERY_MS = 20_000;

/** Checks again and again whether long answers may go on: a key may expire, be removed or be signed out meanwhile. */
export function watchAdmissions() {
  const watched = new Map<AbortController, () => boolean>();
  let timer: NodeJS.Timeout | undefined;

  /** Ends what may not go on; to be called at once when keys change. */
  function check(): void {
    for (const [controller, isAdmitted] of watched) if (!isAdmitted()) controller.abort();
  }

  return {
    check,
    /** → aborted once a request is not admitted any more; it is watched until its answer is closed. */
    watch(isAdmitted: () => boolean, answer: EventEmitter): AbortSignal {
      const controller = new AbortController();
      watched.set(controller, isAdmitted);
      timer ??= setInterval(check, CHECK_EVERY_MS).unref();
      answer.once("close", () => {
        watched.delete(controller);
        if (watched.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      });
      return controller.signal;
    },
  };
}
