import { type Fault, limits } from "@pedidos/domain";
import { type Checked, checkOrder, type FoundOrder } from "./check-order.ts";
import type { Locale } from "./locale.ts";
import type { Cells, Row } from "./read-rows.ts";
import { KEPT_BYTES } from "./split-lines.ts";

const MAX_FAULTS = 100;
const LINE_END = Buffer.from("\n");

/**
 * Groups the rows of an order, which follow each other, and checks it: a row an item. An order with a broken row is rejected with
 * all of its rows, at the line of the first that is broken. A broken row whose order is unknown belongs to the rows around it
 * if these are of one order, else to none.
 */
export function groupRows(locale: Locale) {
  let group: Group | undefined;
  let strays: Row[] = [];

  function* finish(): Generator<FoundOrder> {
    if (group !== undefined) yield group.finish();
    for (const stray of strays) yield aloneOf(stray, locale);
    [group, strays] = [undefined, []];
  }

  return {
    *add(row: Row): Generator<FoundOrder> {
      const id = row.kind === "faulty" ? row.orderId : row.cells.orderId || null;
      if (id === null) {
        // More of them in sequence than an order has rows belong to no order.
        if (strays.length === limits.items) yield* finish();
        strays.push(row);
        return;
      }
      if (group?.id === id) for (const stray of strays.splice(0)) group.add(stray);
      else {
        yield* finish();
        group = openGroup(id, locale);
      }
      group?.add(row);
    },
    finish,
  };
}

type Group = ReturnType<typeof openGroup>;
type First = { readonly line: number; readonly cells: Cells };

function openGroup(id: string, locale: Locale) {
  const faults: Fault[] = [];
  const items: { readonly line: number; readonly item: object }[] = [];
  const originals = keepOriginals();
  let [first, line, rejectedAt]: [First | undefined, number, number | undefined] = [undefined, 1, undefined];
  let count = 0;

  function report(atLine: number, pointer: string, detail: string): void {
    rejectedAt ??= atLine;
    if (faults.length < MAX_FAULTS) faults.push({ pointer, detail });
  }

  function readCells(at: number, cells: Cells): void {
    first ??= { line: at, cells };
    if (!cells.orderId) report(at, "/orderId", `is missing in line ${at}`);
    const { customerId, placedAt } = first.cells;
    if (cells.customerId !== customerId || cells.placedAt !== placedAt)
      report(at, "", `line ${at} differs from line ${first.line} in customerId or placedAt; an order has one of each`);
    if (count > limits.items) return;
    const [quantity = "", unitPrice = ""] = (["quantity", "unitPrice"] as const).map((column) => {
      const text = cells[column] ?? "";
      const read = locale.readNumber(text);
      if (read === null) report(at, `/items/${count - 1}/${column}`, noSuch(text, locale.example));
      return read ?? "";
    });
    items.push({ line: at, item: { product: cells.product, quantity: numberOf(quantity), unitPrice } });
  }

  function check({ line: at, cells }: First): Checked {
    const orderId = integerOf(id);
    const placedAt = cells.placedAt ? locale.readInstant(cells.placedAt) : undefined;
    if (placedAt === null) report(at, "/placedAt", noSuch(cells.placedAt ?? "", "24/11/2026 09:30"));
    if (count > limits.items)
      report(at, "/items", `has ${count} items; must be an array of 1 to ${limits.items} items`);
    if (faults.length > 0) return { kind: "rejected", orderId: idOf(id), faults };
    return checkOrder({
      orderId,
      customerId: integerOf(cells.customerId ?? ""),
      ...(placedAt !== undefined && { placedAt }),
      items: items.map(({ item }) => item),
    });
  }

  return {
    id,
    add(row: Row): void {
      if (count++ === 0) line = row.line;
      originals.add(row);
      if (row.kind === "faulty") report(row.line, "", `line ${row.line} ${row.fault}`);
      else readCells(row.line, row.cells);
    },
    finish(): FoundOrder {
      const checked: Checked = first === undefined ? { kind: "rejected", orderId: idOf(id), faults } : check(first);
      const original = originals.all();
      if (checked.kind === "order") return { line, original, ...checked };
      const located = checked.faults.map((fault) => atItsLine(fault, items));
      const lost = original === null ? [{ pointer: "", detail: "its rows are too large for the report" }] : [];
      return { line: rejectedAt ?? line, original, ...checked, faults: [...located, ...lost] };
    },
  };
}

/** Keeps the rows of an order as they stand, if they are not too large. */
function keepOriginals() {
  let [kept, size]: [Buffer[] | null, number] = [[], 0];
  return {
    add(row: Row): void {
      size += row.size;
      if (size > KEPT_BYTES || row.original === null) kept = null;
      else kept?.push(row.original);
      // A row is a small buffer, which takes more memory than its bytes.
      if (kept?.length === limits.items) kept = [joined(kept)];
    },
    all: () => (kept === null ? null : joined(kept)),
  };
}

/** A row whose order is unknown. */
function aloneOf(row: Row, locale: Locale): FoundOrder {
  const group = openGroup("", locale);
  group.add(row);
  return group.finish();
}

/** An item's fault names the line of its row. */
function atItsLine({ pointer, detail }: Fault, items: readonly { readonly line: number }[]): Fault {
  const index = /^\/items\/(\d+)/.exec(pointer)?.[1];
  const line = index === undefined ? undefined : items[Number(index)]?.line;
  return { pointer, detail: line === undefined ? detail : `${detail} (line ${line})` };
}

const joined = (originals: readonly Buffer[]): Buffer =>
  Buffer.concat(originals.flatMap((row, index) => (index === 0 ? [row] : [LINE_END, row])));

const noSuch = (text: string, example: string) => `is "${text.slice(0, 40)}"; must be like ${example}`;

function idOf(text: string): number | null {
  const id = integerOf(text);
  return typeof id === "number" && id > 0 && Number.isSafeInteger(id) ? id : null;
}

/** A text that is no number stays as it is, and the check finds the fault. */
const integerOf = (text: string) => (/^\d+$/.test(text) ? Number(text) : text);
/** `1.000` stays a text: who writes points for thousands means another number. */
const numberOf = (text: string) => (/^\d+(\.\d*[1-9])?$/.test(text) ? Number(text) : text);
