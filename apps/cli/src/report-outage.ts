import { log } from "./print.ts";

export type OutageReport = {
  /** @param reason what the server does, after its name */
  readonly begin: (reason: string) => void;
  readonly end: () => void;
};

/** Reports an outage once, however many requests meet it, and its end. */
export function reportOutage(server: string, retryLimitMs: number): OutageReport {
  let lasts = false;
  return {
    begin(reason) {
      if (!lasts)
        log(
          `${server} ${reason}. Retrying for up to ${Math.ceil(retryLimitMs / 1_000)} s; after that, run the command again.`,
        );
      lasts = true;
    },
    end() {
      if (lasts) log(`${server} answers again.`);
      lasts = false;
    },
  };
}
