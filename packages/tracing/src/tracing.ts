/** Contexts are W3C `traceparent` texts; a malformed one counts as absent. */
export type SpanOptions = {
  readonly kind: "server" | "producer" | "consumer" | "internal";
  /** Without a parent the span begins a trace. */
  readonly parent?: string | undefined;
  /** The SDK keeps at most 128. */
  readonly links?: readonly string[] | undefined;
  readonly attributes?: Readonly<Record<string, string | number>>;
};

export type Span = {
  readonly traceId: string;
  /** The context to pass on; undefined if the trace is not sampled. */
  readonly traceparent: string | undefined;
  /** @param error what failed, if it did */
  readonly end: (outcome?: {
    readonly error?: unknown;
    readonly attributes?: Readonly<Record<string, string | number>>;
  }) => void;
};

export type Tracing = {
  readonly start: (name: string, options: SpanOptions) => Span;
  /** Sends the spans that have ended and are not sent yet; gives up after 2 s. */
  readonly close: () => Promise<void>;
};
