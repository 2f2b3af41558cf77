import type { Item, Sent, SentBad, SentOrder } from "./history.ts";
import type { Random } from "./random.ts";

/** The words an order is sent in: ours, or the replaced system's. */
const WORDS = {
  english: { order: "orderId", customer: "customerId", items: "items", item: ["product", "quantity", "unitPrice"] },
  portuguese: {
    order: "codigoPedido",
    customer: "codigoCliente",
    items: "itens",
    item: ["produto", "quantidade", "preco"],
  },
} as const;
export type Words = keyof typeof WORDS;

/** What the clients of a run have in common: ids that nobody has used, and orders to send again. */
export type Shared = { nextId: number; readonly recent: SentOrder[] };

const REMEMBERED = 2_000;
const CUSTOMERS = 40;
const PRODUCTS = [
  "pen",
  "lápis",
  "caderno 📓",
  'a "quoted" one',
  "back\\slash {1,2}",
  "NULL",
  "tab\tstop",
  "e\u0301",
] as const;

/** Writes what the clients send: new orders, and among them ones sent before, conflicting ones, and bad ones. */
export function openWriter(random: Random, shared: Shared) {
  function newOrder(words: Words): SentOrder {
    const order = {
      orderId: shared.nextId++,
      customerId: random.chance(0.3) ? 1 : random.integer(1, CUSTOMERS),
      items: Array.from({ length: random.integer(1, 4) }, newItem),
    };
    return { kind: "order", ...order, text: write(order, words) };
  }

  function newItem(): Item {
    const priceUnits = random.pick([
      0,
      random.integer(1, 5_000_000),
      random.integer(1, 99_999) * 100,
      999_999_999_999_999,
    ]);
    return [random.pick(PRODUCTS), random.chance(0.9) ? random.integer(1, 1_000) : 1_000_000_000, priceUnits];
  }

  function write(order: Pick<SentOrder, "orderId" | "customerId" | "items">, words: Words): string {
    const { order: id, customer, items, item } = WORDS[words];
    const texts = order.items.map(([product, quantity, units]) => {
      const decimal = `${Math.floor(units / 10_000)}.${String(units % 10_000).padStart(4, "0")}`;
      const price = random.pick([`"${decimal}"`, decimal, decimal.replace(/\.?0+$/, "")]);
      return `{"${item[0]}":${JSON.stringify(product)},"${item[1]}":${quantity},"${item[2]}":${price}}`;
    });
    const placed =
      words === "english" && random.chance(0.5) ? `"placedAt":"2026-01-02T03:04:05.${shared.nextId}Z",` : "";
    return `{"${id}":${order.orderId},"${customer}":${order.customerId},${placed}"${items}":[${texts.join(",")}]}`;
  }

  function again(words: Words): SentOrder | undefined {
    // Mostly of those just sent, whose first submission may still be in flight.
    const back = Math.floor(random.next() ** 3 * shared.recent.length);
    const order = shared.recent[shared.recent.length - 1 - back];
    return order && { ...order, text: write(order, words) };
  }

  function conflicting(words: Words): SentOrder | undefined {
    const earlier = again(words);
    if (earlier === undefined) return undefined;
    const [product, quantity, units] = earlier.items[0] ?? newItem();
    const order = random.chance(0.5)
      ? { ...earlier, customerId: earlier.customerId + 1_000 }
      : {
          ...earlier,
          items: [[product, quantity === 1 ? 2 : quantity - 1, units] as const, ...earlier.items.slice(1)],
        };
    return { ...order, text: write(order, words) };
  }

  function bad(words: Words): SentBad {
    const { orderId, text } = newOrder(words);
    return random.pick<SentBad>([
      { kind: "bad", reason: "invalid_json", text: text.slice(0, -1) },
      { kind: "bad", reason: "invalid_json", text: `order ${orderId}` },
      { kind: "bad", reason: "invalid_order", text: `[${text}]` },
      { kind: "bad", reason: "invalid_order", text: text.replace(`:${orderId},`, `:"${orderId}",`) },
      { kind: "bad", reason: "invalid_order", text: text.replace(/"(quantity|quantidade)":\d+/, `"$1":0`) },
    ]);
  }

  function draw(words: Words): Sent {
    const dice = random.next();
    if (dice < 0.04) return bad(words);
    return (dice < 0.12 ? again(words) : dice < 0.18 ? conflicting(words) : undefined) ?? newOrder(words);
  }

  return {
    next(words: Words): Sent {
      const line = draw(words);
      if (line.kind === "order") shared.recent.push(line);
      if (shared.recent.length > REMEMBERED) shared.recent.shift();
      return line;
    },
  };
}
export type Writer = ReturnType<typeof openWriter>;
