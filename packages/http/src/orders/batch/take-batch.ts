import type { RefusalReason } from "@pedidos/contract";
import { type Fault, readOrder } from "@pedidos/domain";
import { type Acceptance, MESSAGE_LIMITS } from "@pedidos/intake";
import pLimit from "p-limit";
import { publishedForm, TOO_LARGE_WRITTEN } from "../receive-order.ts";

export type BatchSettings = {
  /** Is called once a bad line. */
  readonly onRejected: (reason: RefusalReason) => void;
  readonly accept: (bodies: readonly Uint8Array[]) => Promise<Acceptance>;
  /** Messages in flight of this batch; with one more being filled, that is all it holds of its good lines. */
  readonly inFlight: number;
  /** Runs it when fewer messages are in flight, of all batches of the process together, than may be. */
  readonly limit: <Result>(work: () => Promise<Result>) => Promise<Result>;
};

const MAX_LISTED = 1_000;
const MAX_LISTED_BYTES = 1024 * 1024;

export type Batch = ReturnType<typeof takeBatch>;
export type TakenBatch = Awaited<ReturnType<Batch["finish"]>>;

/** Makes the good orders of a batch durable, message by message, and counts and lists the bad ones. */
export function takeBatch({ accept, inFlight, limit, onRejected }: BatchSettings) {
  let bodies: Uint8Array[] = [];
  let [size, accepted, rejected, listedBytes, hasFailed] = [0, 0, 0, 0, false];
  const errors: string[] = [];
  const sent = new Set<Promise<void>>();
  const limitOwn = pLimit(inFlight);

  /** Resolves once the message is in flight. */
  function send(): Promise<void> {
    const message = bodies;
    [bodies, size] = [[], 0];
    return new Promise((begun) => {
      const accepting = () => {
        begun();
        return accept(message);
      };
      const sending = limitOwn(() => limit(accepting)).then((acceptance) => {
        if (acceptance === "accepted") accepted += message.length;
        else hasFailed = true;
        sent.delete(sending);
      });
      sent.add(sending);
    });
  }

  /** Counts a line that is not worth reading. */
  function reject(line: number, reason: RefusalReason, faults: readonly Fault[], orderId: number | null = null): void {
    rejected++;
    onRejected(reason);
    if (errors.length >= MAX_LISTED || listedBytes > MAX_LISTED_BYTES) return;
    const text = JSON.stringify({ line, ...(orderId === null ? {} : { orderId }), errors: faults });
    listedBytes += Buffer.byteLength(text) + 1;
    if (listedBytes <= MAX_LISTED_BYTES) errors.push(text);
  }

  function add(body: Uint8Array): Promise<void> | undefined {
    const before = bodies.length > 0 && size + body.length > MESSAGE_LIMITS.maxBytes ? send() : undefined;
    bodies.push(body);
    size += body.length;
    if (bodies.length < MESSAGE_LIMITS.maxItems && size < MESSAGE_LIMITS.maxBytes) return before;
    return before === undefined ? send() : Promise.all([before, send()]).then(() => {});
  }

  return {
    reject,
    /**
     * Takes a line or an element of at most 1 MiB. → a promise if the batch holds as much as it may; wait for it before the next.
     *
     * @param isLine whether it is a line, which holds no line break and so may be published as it is
     */
    take(line: number, bytes: Buffer, isLine: boolean): Promise<void> | undefined {
      const read = readOrder(bytes);
      if (read.kind === "rejected") return void reject(line, read.reason, read.faults, read.orderId);
      const body = publishedForm(read.order, isLine ? bytes : null);
      if (body === null) return void reject(line, "too_large", [TOO_LARGE], read.order.orderId);
      return add(body);
    },
    /** Whether something could not be made durable; then there is no use in going on. */
    hasFailed: () => hasFailed,
    /**
     * Sends what is left, unless the batch is given up, and waits for all that was sent. → what became of it so far: `errors`
     * lists bad lines, as JSON texts; all of them are counted in `rejected`.
     */
    async finish() {
      if (!hasFailed && bodies.length > 0) await send();
      while (sent.size > 0) await Promise.all(sent);
      return { accepted, rejected, errors };
    },
  };
}

const TOO_LARGE: Fault = { pointer: "", detail: TOO_LARGE_WRITTEN.detail };
