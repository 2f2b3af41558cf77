import type { Overview } from "@pedidos/contract";
import { usePage } from "../state/page.ts";
import { Exact } from "./exact.tsx";

type Figure = {
  readonly name: string;
  readonly hint: string;
  readonly count: number | null | undefined;
  readonly oldestSeconds?: number | undefined;
  readonly href?: string;
  readonly isBad?: boolean;
};

/** What waits, in the order in which an order comes by. */
export function FlowFigures({ overview }: { readonly overview: Overview }) {
  const { speech, may } = usePage();
  const { flow, notKnown } = speech.words;
  const { queues, spool, outbox } = overview.backlog;
  const { delays } = overview;
  const hasBroker = overview.readiness.dependencies.broker !== undefined;
  const queued = queues === null ? undefined : (queues["orders.intake"] ?? 0) + (queues.pedidos ?? 0);
  const dead = queues?.["orders.dead-letter"];
  const figures: Figure[] = [
    ...(hasBroker
      ? [
          {
            name: flow.queue,
            hint: flow.queueHint,
            count: queued,
            oldestSeconds: queued === 0 ? 0 : delays.oldestWaitingSeconds,
          },
        ]
      : []),
    { name: flow.spool, hint: flow.spoolHint, count: spool?.orders, oldestSeconds: spool?.oldestSeconds },
    { name: flow.outbox, hint: flow.outboxHint, count: outbox?.commits, oldestSeconds: outbox?.oldestSeconds },
    ...(hasBroker
      ? [
          {
            name: flow.dead,
            hint: flow.deadHint,
            count: dead,
            isBad: (dead ?? 0) > 0,
            ...(may("operations:manage") && { href: "#/dead-letters" }),
          },
        ]
      : []),
    { name: flow.rejections, hint: flow.rejectionsHint, count: overview.rejections?.open },
  ];
  return (
    <section aria-labelledby="flow-title">
      <h2 id="flow-title">{flow.title}</h2>
      <dl class="flow">
        {figures.map(({ name, hint, count, oldestSeconds = 0, href, isBad }) => (
          <div key={name} data-tone={isBad === true ? "care" : undefined}>
            <dt>{href === undefined ? name : <a href={href}>{name}</a>}</dt>
            <dd class="figure">{count == null ? notKnown : <Exact>{speech.whole(count)}</Exact>}</dd>
            <dd class="hint">{oldestSeconds > 0 ? flow.oldest(speech.span(oldestSeconds * 1_000)) : hint}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
