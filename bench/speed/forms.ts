/** How much is measured: `short` for a first impression, `full` for results to be kept, `ci` for what must not be lost. */
export type Form = {
  readonly name: "short" | "full" | "ci";
  /** How often each figure is measured. */
  readonly rounds: number;
  /** Of load, in each round. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** How long the whole path is watched for a growing backlog. */
  readonly wholePathSeconds: number;
  /** Orders of a drain from messages of 64, of a drain from messages of one, and of the textbook's. */
  readonly drained: { readonly gathered: number; readonly single: number; readonly textbook: number };
  /** Orders of one request of the batch route. */
  readonly batch: number;
  /** Requests in a row with `Prefer: wait`. */
  readonly waits: number;
  /** Their names, with commas between them; or "all". */
  readonly sections: string;
};

export const forms: Readonly<Record<Form["name"], Form>> = {
  short: {
    name: "short",
    rounds: 2,
    seconds: 2,
    warmUpSeconds: 1,
    wholePathSeconds: 5,
    drained: { gathered: 40_000, single: 15_000, textbook: 800 },
    batch: 40_000,
    waits: 200,
    sections: "bundles,starting,accepting,whole path,draining,batch,standalone,waiting,latency",
  },
  full: {
    name: "full",
    rounds: 5,
    seconds: 8,
    warmUpSeconds: 3,
    wholePathSeconds: 60,
    drained: { gathered: 200_000, single: 200_000, textbook: 5_000 },
    batch: 200_000,
    waits: 500,
    sections: "all",
  },
  ci: {
    name: "ci",
    rounds: 1,
    seconds: 2,
    warmUpSeconds: 1,
    wholePathSeconds: 4,
    drained: { gathered: 30_000, single: 10_000, textbook: 400 },
    batch: 30_000,
    waits: 60,
    sections: "bundles,accepting,draining,batch",
  },
};
