export { type Dialect, dialectOf, english, portuguese } from "./dialect.ts";
export { findOrderId } from "./find-order-id.ts";
export { orderContent } from "./identity.ts";
export { formatDecimal, formatUnits, roundUnitsToCent, unitsOfDecimal } from "./money.ts";
export {
  type Fault,
  INTAKE_QUEUE,
  type IncomingOrder,
  limits,
  type Order,
  OrderInput,
  type OrderItem,
  type OrderQueue,
  orderQueues,
  PEDIDOS_QUEUE,
  publishedSources,
  type Reason,
  reasons,
  type Source,
  sources,
} from "./order.ts";
export { type ParsedOrder, parseOrder } from "./parse-order.ts";
export { readInstant } from "./placed-at.ts";
export { type ReadOrder, readJson, readOrder } from "./read-order.ts";
export { totalUnits } from "./total.ts";
export { writeOrder } from "./write-order.ts";
