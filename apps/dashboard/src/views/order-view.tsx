import type { OrderTrace, RecordedOrder } from "@pedidos/contract";
import { Problem, read } from "../api/client.ts";
import { Live } from "../parts/live.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { usePage } from "../state/page.ts";
import { useAsked } from "../state/use-asked.ts";
import type { Speech } from "../words/speak.ts";

const EVERY_MS = 3_000;

/** An order with its items, or all that is known of an id under which nothing is recorded. */
export function OrderView({ orderId }: { readonly orderId: number }) {
  const { speech, may } = usePage();
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
        {answer?.order != null && <Recorded order={answer.order} trace={answer.trace} speech={speech} />}
        {answer?.order === null && <Missing trace={answer.trace} speech={speech} />}
        {answer !== undefined && answer.trace.rejections.length > 0 && (
          <section aria-labelledby="of-order">
            <h2 id="of-order">{words.rejections}</h2>
            <ul class="plain">
              {answer.trace.rejections.map(({ rejectionId, reason, status, firstSeenAt }) => (
                <li key={rejectionId}>
                  {speech.words.reject.reasons[reason]}, {speech.words.reject.statuses[status]},{" "}
                  {speech.moment(firstSeenAt)}
                </li>
              ))}
            </ul>
            {may("rejections:manage") && <a href={`#/rejections?orderId=${orderId}&status=`}>{words.inspect}</a>}
          </section>
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

type RecordedProps = { readonly order: RecordedOrder; readonly trace: OrderTrace; readonly speech: Speech };

function Recorded({ order, trace, speech }: RecordedProps) {
  const { order: words } = speech.words;
  return (
    <>
      <dl class="facts">
        <div class="main">
          <dt>{words.total}</dt>
          <dd>{speech.money(order.total)}</dd>
        </div>
        <div class="main">
          <dt>{words.of}</dt>
          <dd>
            <a href={`#/customers/${order.customerId}`}>{speech.id(order.customerId)}</a>
          </dd>
        </div>
        <div>
          <dt>{words.recorded}</dt>
          <dd>{speech.moment(order.recordedAt)}</dd>
        </div>
        <div>
          <dt>{words.placed}</dt>
          <dd>{order.placedAt === null ? "–" : speech.moment(order.placedAt)}</dd>
        </div>
        <div>
          <dt>{words.announced}</dt>
          <dd>{trace.recorded?.isAnnounced === true ? words.yes : words.notYet}</dd>
        </div>
      </dl>
      {order.items.length === 0 ? (
        <p class="lead">{words.takenOver}</p>
      ) : (
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
            </tr>
          </thead>
          <tbody>
            {order.items.map(({ product, quantity, unitPrice }, index) => (
              <tr key={index}>
                <th scope="row">{product}</th>
                <td class="number">{speech.whole(quantity)}</td>
                <td class="number">{speech.money(unitPrice)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
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
