/** Ids of orders have ten digits, so that every order of a kind has the same length. */
const FIRST_ID = 1_000_000_000;
const CUSTOMERS = 10_000;

type Item = { readonly product: string; readonly quantity: number; readonly unitPrice: string };

/** An order as it is sent; everything but its id follows from its id. */
export type BenchOrder = {
  readonly orderId: number;
  readonly customerId: number;
  readonly placedAt: string;
  readonly items: readonly Item[];
};

const PRODUCTS = ["lápis 2B sextavado, caixa com 12", "caderno universitário, 96 folhas"] as const;

/** As if by chance, so that orders that are recorded at the same time have customers in common, as real ones do. */
function customerOf(orderId: number, customers = CUSTOMERS): number {
  let mixed = Math.imul(orderId ^ (orderId >>> 16), 0x45d9f3b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b);
  return 1 + (((mixed ^ (mixed >>> 16)) >>> 0) % customers);
}

export function orderOf(orderId: number, itemCount = 2): BenchOrder {
  return {
    orderId,
    customerId: customerOf(orderId),
    placedAt: "2026-11-24T12:00:00Z",
    items: Array.from({ length: itemCount }, (_, index) => ({
      product: PRODUCTS[index % 2] ?? PRODUCTS[0],
      quantity: 100 - index,
      unitPrice: index % 2 === 0 ? "1.10" : "12.505",
    })),
  };
}

/** The total of {@link orderOf}, as a decimal. */
export function totalOf({ items }: BenchOrder): string {
  const units = items.reduce((sum, item) => sum + item.quantity * Math.round(Number(item.unitPrice) * 10_000), 0);
  return (units / 10_000).toFixed(4);
}

/** → a function that writes orders of so many items fast: all that differs between them are two numbers. */
export function openWriter(itemCount = 2, customers = CUSTOMERS): (orderId: number) => string {
  const { placedAt, items } = orderOf(FIRST_ID, itemCount);
  const fixed = `,"placedAt":"${placedAt}","items":${JSON.stringify(items)}}`;
  return (orderId) => `{"orderId":${orderId},"customerId":${customerOf(orderId, customers)}${fixed}`;
}

/** Orders of about 0.3 kB and 4 kB. */
export const ITEMS_OF = { "0.3 kB": 2, "4 kB": 44 } as const;
