/** Where a span stands, and what it belongs to. Contexts are W3C `traceparent` texts; one that is none counts as absent. */
export type SpanOptions = {
  readonly kind: "server" | "producer" | "consumer" | "internal";
  /** Without one the span begins a trace. */
  readonly parent?: string | undefined;
  /** At most 128 are kept. */
  readonly links?: readonly string[] | undefined;
  readonly attributes?: Readonly<Record<string, string | number>>;
};

export type Span = {
  readonly traceId: string;
  /** Its own context, to be handed on; undefined where the trace is not sampled. */
  readonly traceparent: string | undefined;
  /** @param error what failed, if it did */
  readonly end: (outcome?: {
    readonly error?: unknown;
    readonly attributes?: Readonly<Record<string, string | number>>;
  }) => void;
};

export type Tracing = {
  readonly start: (name: string, options: SpanOptions) => Span;
  /** Sends what is ended and not sent yet; gives up after 2 s. */
  readonly close: () => Promise<void>;
};
