export { type Dialect, english } from "./dialect.ts";
export { dialectOf } from "./dialect-of.ts";
export { findOrderId } from "./find-order-id.ts";
export { orderContent } from "./identity.ts";
export type { IncomingOrder } from "./incoming-order.ts";
export { formatDecimal, formatUnits, roundUnitsToCent, unitsOfDecimal } from "./money.ts";
export {
  type Fault,
  limits,
  type Order,
  OrderInput,
  type OrderItem,
  type Reason,
  reasons,
  type Source,
  sources,
} from "./order.ts";
export { type ParsedOrder, parseOrder } from "./parse-order.ts";
export { portuguese } from "./pedido.ts";
export { readInstant } from "./placed-at.ts";
export { readJson } from "./read-json.ts";
export { type ReadOrder, readOrder } from "./read-order.ts";
export { totalUnits } from "./total.ts";
export { writeOrder } from "./write-order.ts";
