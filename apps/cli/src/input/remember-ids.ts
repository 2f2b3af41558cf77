import { crc32 } from "node:zlib";
import { type Order, orderContent } from "@pedidos/domain";

/** Whether an order id is in a file for the first time, again with the same content, or with other content. */
export type Appearance = "first" | "same" | "other";

/** So many ids at least are remembered, and twice as many at most: the memory for them is bounded by 100 MiB. */
const REMEMBERED = 3_000_000;
const FIRST_SLOTS = 4_096;
/** Of the content of an order that was rejected: no other order is the same. */
const NO_CONTENT = 0;

/**
 * Remembers which orders of a file have been read, in bounded memory: an id, and 32 bits of its content. Two contents with the
 * same bits pass for the same; the server finds that conflict. Of a file with more orders the oldest are forgotten.
 */
export function rememberIds(remembered = REMEMBERED) {
  let [newer, older] = [openTable(remembered), openTable(0)];
  return {
    /** @param order null if it was rejected */
    add(orderId: number, order: Order | null): Appearance {
      const content = order === null ? NO_CONTENT : Math.max(1, crc32(orderContent(order)));
      const known = newer.find(orderId) ?? older.find(orderId);
      if (known === undefined) {
        if (newer.isFull()) [newer, older] = [openTable(remembered), newer];
        newer.add(orderId, content);
        return "first";
      }
      return known === content && content !== NO_CONTENT ? "same" : "other";
    },
  };
}

/** A hash table with open addressing: a Map takes five times as much memory. Ids are positive; 0 is a free slot. */
function openTable(capacity: number) {
  let [ids, contents, count] = [new Float64Array(FIRST_SLOTS), new Uint32Array(FIRST_SLOTS), 0];

  function slotOf(id: number): number {
    const mask = ids.length - 1;
    let slot = Math.imul((id % 4_294_967_296) ^ Math.floor(id / 4_294_967_296), 0x9e3779b1) >>> 7;
    for (slot &= mask; ids[slot] !== 0 && ids[slot] !== id; slot = (slot + 1) & mask);
    return slot;
  }

  function grow(): void {
    const [oldIds, oldContents] = [ids, contents];
    [ids, contents] = [new Float64Array(2 * oldIds.length), new Uint32Array(2 * oldIds.length)];
    for (const [index, id] of oldIds.entries()) if (id !== 0) put(id, oldContents[index] ?? 0);
  }

  function put(id: number, content: number): void {
    const slot = slotOf(id);
    [ids[slot], contents[slot]] = [id, content];
  }

  return {
    find(id: number): number | undefined {
      const slot = slotOf(id);
      return ids[slot] === id ? contents[slot] : undefined;
    },
    add(id: number, content: number): void {
      if (++count > 0.75 * ids.length) grow();
      put(id, content);
    },
    isFull: () => count >= capacity,
  };
}
