/** What the API answers, as `/docs` describes it. Page and API are of one build, so it is taken as it comes. */

export type Scope =
  | "orders:write"
  | "orders:read"
  | "rejections:manage"
  | "operations:manage"
  | "metrics:read"
  | "legacy";

export type Session = { readonly name: string | null; readonly scopes: readonly string[]; readonly hasKeys: boolean };

type UpOrDown = "up" | "down";
type Waiting = { readonly oldestSeconds: number };

export type RateSample = {
  readonly at: string;
  readonly accepted: number;
  readonly recorded: number | null;
  readonly rejected: number | null;
};

export type Overview = {
  readonly readiness: {
    readonly status: "ready" | "degraded" | "unavailable";
    readonly dependencies: { readonly broker?: UpOrDown; readonly database: UpOrDown };
    readonly consuming?: "paused";
  };
  readonly backlog: {
    readonly queues: Readonly<Record<string, number | null>> | null;
    readonly spool: (Waiting & { readonly orders: number }) | null;
    readonly outbox: (Waiting & { readonly commits: number }) | null;
  };
  readonly delays: {
    readonly orders: number;
    readonly p50Ms: number | null;
    readonly p99Ms: number | null;
    readonly waiting: number;
    readonly oldestWaitingSeconds: number;
  };
  readonly sampleSeconds: number;
  readonly history: readonly RateSample[];
};

export type ListedOrder = {
  readonly orderId: number;
  readonly customerId: number;
  readonly total: string;
  readonly itemCount: number;
  readonly placedAt?: string | null;
  readonly recordedAt: string;
};

export type OrderPage = { readonly orders: readonly ListedOrder[]; readonly nextCursor: string | null };

export type RecordedOrder = {
  readonly orderId: number;
  readonly customerId: number;
  readonly total: string;
  readonly items: readonly { readonly product: string; readonly quantity: number; readonly unitPrice: string }[];
  readonly placedAt: string | null;
  readonly recordedAt: string;
};

export type Customer = {
  readonly customerId: number;
  readonly orderCount: number;
  readonly totalValue: string;
  readonly firstOrderAt: string | null;
  readonly lastOrderAt: string | null;
};

export type Fault = { readonly pointer: string; readonly detail: string };
export type RejectionStatus = "open" | "replayed" | "discarded";
export type Reason = "invalid_json" | "invalid_order" | "order_conflict" | "poison";
type Source = "http" | "replay" | "orders.intake" | "pedidos";

type Seen = {
  readonly rejectionId: number;
  readonly reason: Reason;
  readonly source: Source;
  readonly times: number;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly status: RejectionStatus;
};

export type Rejection = Seen & {
  readonly errors: readonly Fault[];
  readonly orderId: number | null;
  readonly body: string;
  readonly bodyEncoding: "utf8" | "base64";
};

export type RejectionPage = { readonly rejections: readonly Rejection[]; readonly nextCursor: string | null };

export type Trace = {
  readonly orderId: number;
  readonly status: "recorded" | "waiting" | "rejected" | "unknown";
  readonly recorded: {
    readonly batchSize: number;
    readonly isAnnounced: boolean | null;
    readonly isTakenOver: boolean;
  } | null;
  readonly rejections: readonly Seen[];
  readonly hasMoreRejections: boolean;
  readonly waiting: {
    readonly queues: Readonly<Record<string, number | null>> | null;
    readonly spool: { readonly orders: number; readonly oldestAt: string | null };
    readonly deferred: { readonly refusals: number; readonly code: string; readonly retryAt: string } | null;
  } | null;
};

export type DeadLetter = {
  readonly deadLetterId: string;
  readonly queue: string | null;
  readonly reason: string;
  readonly size: number;
  readonly body: string;
  readonly bodyEncoding: "utf8" | "base64";
  readonly truncated: boolean;
  readonly diedAt: string | null;
};

export type DeadLetterPage = { readonly deadLetters: readonly DeadLetter[]; readonly depth: number };

export type Consuming = { readonly paused: boolean; readonly since: string | null; readonly by: string | null };

export type SubmittedOrder = {
  readonly orderId: number;
  readonly customerId: number;
  readonly total: string;
  readonly status: "accepted" | "recorded";
};
