import { contentOf, readContent } from "./content.ts";
import type { History, Operation, OrderRow, RejectionRow, SentBad, SentOrder, Tables } from "./history.ts";
import { type Promised, promisedOf, sourceOf } from "./promises.ts";

/** An order as one client sent it once. */
export type Submission = {
  readonly order: SentOrder;
  readonly content: string;
  readonly source: "http" | "orders.intake";
  readonly promised: Promised;
  readonly operation: Operation;
};

/** The history and the tables, by their keys. */
export type Index = {
  readonly sent: ReadonlyMap<number, readonly Submission[]>;
  /** What can't become an order, by its bytes. */
  readonly bad: ReadonlyMap<
    string,
    { readonly line: SentBad; readonly promised: Promised; readonly operation: Operation }
  >;
  readonly rows: ReadonlyMap<number, OrderRow & { readonly content: string }>;
  /** Rejections of well-formed orders by {@link rejectionKey}. */
  readonly refused: ReadonlyMap<string, RejectionRow>;
};

/** An order among the rejections. Its bytes may differ from those that were sent: HTTP writes them again. */
export function rejectionKey(source: string, reason: string, orderId: number, content: string): string {
  return `${source} ${reason} ${orderId} ${content}`;
}

export function indexHistory({ operations }: History, tables: Tables): Index {
  const sent = new Map<number, Submission[]>();
  const bad = new Map<string, { line: SentBad; promised: Promised; operation: Operation }>();
  for (const operation of operations)
    for (const line of operation.lines) {
      const promised = promisedOf(operation, line);
      if (line.kind === "bad") {
        bad.set(line.text, { line, promised, operation });
        continue;
      }
      const submission = { order: line, content: contentOf(line), source: sourceOf(operation), promised, operation };
      const others = sent.get(line.orderId);
      if (others === undefined) sent.set(line.orderId, [submission]);
      else others.push(submission);
    }
  const refused = new Map<string, RejectionRow>();
  for (const row of tables.rejections) {
    const read = readContent(row.body);
    if (read !== undefined) refused.set(rejectionKey(row.source, row.reason, read.orderId, read.content), row);
  }
  const rows = new Map(tables.orders.map((row) => [row.orderId, { ...row, content: contentOf(row) }]));
  return { sent, bad, rows, refused };
}
