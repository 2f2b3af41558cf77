import type { OrderTrace, RecordedOrder } from "@pedidos/contract";
import { formatUnits, unitsOfDecimal } from "@pedidos/domain";
import { Problem, read } from "../api/client.ts";
import { Exact } from "../parts/exact.tsx";
import { Live } from "../parts/live.tsx";
import { OrderTimeline } from "../parts/order-timeline.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { timelineOf } from "../state/order-timeline.ts";
import { usePage } from "../state/page.ts";
import { useAsked } from "../state/use-asked.ts";
import type { Speech } from "../words/speak.ts";

const EVERY_MS = 3_000;

/** An order with its items, or all that is known of an id under which nothing is recorded. */
export function OrderView({ orderId }: { readonly orderId: number }) {
  const { speech } = usePage();
  const { order: words } = speech.words;
  const { answer, problem, staleSince } = useAsked(
    (signal) => readOrder(orderId, signal),
    `order ${orderId}`,
    EVERY_MS,
  );
  return (
    <>
      <h1>{words.title(speech.id(orderId))}</h1>
      <Trouble problem={problem} />
      <Live staleSince={staleSince}>
        {answer?.order != null && <Recorded order={answer.order} speech={speech} />}
        {answer?.order === null && <Missing trace={answer.trace} speech={speech} />}
        {answer !== undefined && (
          <OrderTimeline
            orderId={orderId}
            steps={timelineOf(answer.order, answer.trace)}
            hasMoreRejections={answer.trace.hasMoreRejections}
          />
        )}
      </Live>
    </>
  );
}

async function readOrder(
  orderId: number,
  signal: AbortSignal,
): Promise<{ order: RecordedOrder | null; trace: OrderTrace }> {
  const path = `/v1/orders/${orderId}`;
  const [order, trace] = await Promise.all([
    read<RecordedOrder>(path, {}, signal).catch((error: unknown) => {
      if (error instanceof Problem && error.status === 404) return null;
      throw error;
    }),
    read<OrderTrace>(`${path}/trace`, {}, signal),
  ]);
  return { order, trace };
}

type RecordedProps = { readonly order: RecordedOrder; readonly speech: Speech };

function Recorded({ order, speech }: RecordedProps) {
  const { order: words } = speech.words;
  return (
    <>
      <dl class="facts">
        <div class="main">
          <dt>{words.total}</dt>
          <dd>
            <Exact>{speech.money(order.total)}</Exact>
          </dd>
        </div>
        <div class="main">
          <dt>{words.of}</dt>
          <dd>
            <a href={`#/customers/${order.customerId}`}>
              <Exact>{speech.id(order.customerId)}</Exact>
            </a>
          </dd>
        </div>
      </dl>
      {order.items.length === 0 ? <p class="lead">{words.takenOver}</p> : <Lines items={order.items} speech={speech} />}
    </>
  );
}

/** The order's lines, each with its exact amount: together they are the total. */
function Lines({ items, speech }: { readonly items: RecordedOrder["items"]; readonly speech: Speech }) {
  const { order: words } = speech.words;
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">{words.product}</th>
          <th scope="col" class="number">
            {words.quantity}
          </th>
          <th scope="col" class="number">
            {words.unitPrice}
          </th>
          <th scope="col" class="number">
            {words.amount}
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map(({ product, quantity, unitPrice }, index) => (
          <tr key={index}>
            <th scope="row" data-label={words.product}>
              {product}
            </th>
            <td class="number" data-label={words.quantity}>
              {speech.whole(quantity)}
            </td>
            <td class="number" data-label={words.unitPrice}>
              {speech.money(unitPrice)}
            </td>
            <td class="number" data-label={words.amount}>
              {speech.money(formatUnits(BigInt(quantity) * unitsOfDecimal(unitPrice)))}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Missing({ trace, speech }: { readonly trace: OrderTrace; readonly speech: Speech }) {
  const { order: words, notKnown } = speech.words;
  const { waiting } = trace;
  const queued =
    waiting === null || waiting.queues === null
      ? null
      : Object.values(waiting.queues).reduce<number>((sum, messages) => sum + (messages ?? 0), 0);
  return (
    <>
      <p class="lead">{waiting?.deferred ? words.deferred(waiting.deferred.code) : words.unknown}</p>
      {waiting !== null && (
        <p>{words.waits(queued === null ? notKnown : speech.whole(queued), speech.whole(waiting.spool.orders))}</p>
      )}
    </>
  );
}
