import type { RecordedOrder } from "@pedidos/contract";
import { formatUnits, type Order, type OrderItem } from "@pedidos/domain";
import type { ComponentChildren } from "preact";
import { type Compared, compareWithRecorded } from "../state/compare-with-recorded.ts";
import { usePage } from "../state/page.ts";

/** Lines beyond this are only counted. */
const MOST_LINES = 100;

type BesideRecordedProps = { readonly recorded: RecordedOrder; readonly came: Order };

/** A submission beside the order that is recorded under its id; what differs is marked. */
export function BesideRecorded({ recorded, came }: BesideRecordedProps) {
  const { speech } = usePage();
  const { beside: words, order } = speech.words;
  const { customerId, total, lines, equalLines } = compareWithRecorded(recorded, came);
  return (
    <section aria-labelledby="beside-title">
      <h3 id="beside-title">{words.title}</h3>
      <table class="list compared">
        <thead>
          <tr>
            <td />
            <th scope="col">{words.recorded(speech.moment(recorded.recordedAt))}</th>
            <th scope="col">{words.came}</th>
          </tr>
        </thead>
        <tbody>
          <Row name={order.of} compared={customerId} show={speech.id} />
          {lines.slice(0, MOST_LINES).map(({ line, ...items }) => (
            <tr key={line}>
              <th scope="row">{words.line(speech.whole(line))}</th>
              <td data-label={words.recordedShort}>
                <Item item={items.recorded} other={items.came} />
              </td>
              <td data-label={words.came}>
                <Item item={items.came} other={items.recorded} />
              </td>
            </tr>
          ))}
          <Row name={order.total} compared={total} show={speech.money} />
        </tbody>
      </table>
      {recorded.items.length === 0 && <p class="hint">{order.takenOver}</p>}
      {lines.length > MOST_LINES && <p class="hint">{words.more(speech.whole(lines.length - MOST_LINES))}</p>}
      {equalLines > 0 && <p class="hint">{words.equal(speech.whole(equalLines))}</p>}
    </section>
  );
}

type RowProps<Value> = {
  readonly name: string;
  readonly compared: Compared<Value>;
  readonly show: (value: Value) => string;
};

function Row<Value>({ name, compared: { recorded, came }, show }: RowProps<Value>) {
  const { beside: words } = usePage().speech.words;
  const text = (value: Value | null) => <span class="exact">{value === null ? "–" : show(value)}</span>;
  return (
    <tr>
      <th scope="row">{name}</th>
      <td data-label={words.recordedShort}>{text(recorded)}</td>
      <td data-label={words.came}>
        <Marked differs={recorded !== came}>{text(came)}</Marked>
      </td>
    </tr>
  );
}

function Item({ item, other }: { readonly item: OrderItem | null; readonly other: OrderItem | null }) {
  const { speech } = usePage();
  if (item === null) return <>–</>;
  const { product, quantity, priceUnits } = item;
  return (
    <>
      <Marked differs={quantity !== other?.quantity}>
        <span class="exact">{speech.whole(quantity)}</span>
      </Marked>{" "}
      × <Marked differs={product !== other?.product}>{product}</Marked>,{" "}
      <Marked differs={priceUnits !== other?.priceUnits}>
        <span class="exact">{speech.money(formatUnits(priceUnits))}</span>
      </Marked>
    </>
  );
}

/** Marked by more than a colour, for those who can't see it. */
function Marked({ differs, children }: { readonly differs: boolean; readonly children: ComponentChildren }) {
  const { beside: words } = usePage().speech.words;
  if (!differs) return <>{children}</>;
  return (
    <mark>
      {children}
      <span class="unseen"> ({words.differs})</span>
    </mark>
  );
}
