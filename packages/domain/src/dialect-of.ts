import { type Dialect, english } from "./dialect.ts";
import type { Source } from "./order.ts";
import { portuguese } from "./pedido.ts";

/**
 * The dialect of the bytes that are kept for a source. Bodies of `POST /pedido` are kept under the source `http`, in
 * the English form that `writeOrder` gives, so only the replaced system's queue is Portuguese.
 */
export function dialectOf(source: Source): Dialect {
  return source === "pedidos" ? portuguese : english;
}
