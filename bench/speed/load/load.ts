/** What a load process is asked to do. Orders have ids from `firstId` on. */
export type Load = {
  readonly url: string;
  readonly firstId: number;
  readonly itemCount: number;
  readonly headers: Readonly<Record<string, string>>;
} & (
  | {
      /** As many requests as are answered: each connection sends its next one when it has its answer. */
      readonly kind: "saturating";
      readonly connections: number;
      readonly seconds: number;
      readonly warmUpSeconds: number;
    }
  | {
      /** Open-loop: each request is sent at its own time, independent of the ones before. */
      readonly kind: "paced";
      readonly perSecond: number;
      readonly seconds: number;
      readonly warmUpSeconds: number;
    }
  | {
      /** One in flight. */
      readonly kind: "in a row";
      readonly requests: number;
      readonly warmUpRequests: number;
    }
);

/** What came of it, without its warm-up. */
export type Loaded = {
  /** Answers with 2xx, a second. */
  readonly perSecond: number;
  /** Milliseconds from the time at which a request was to be sent until its answer was complete. */
  readonly latencies: readonly number[];
  /** Other answers, and requests without one. */
  readonly failed: number;
  /** Answers with 2xx, the warm-up's included. */
  readonly accepted: number;
};

/** And what the load itself cost, on the machine that it shares with what it loads. */
export type LoadedWithCost = Loaded & {
  /** Processor time of the load process for each answer with 2xx. */
  readonly cpuMicroseconds: number;
};

/** What a load process reports: how far it has got, now and then, and its result. */
export type Report =
  | { readonly kind: "progress"; readonly accepted: number; readonly measuring: boolean }
  | { readonly kind: "loaded"; readonly loaded: LoadedWithCost };
