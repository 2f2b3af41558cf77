import type { Step } from "../state/order-timeline.ts";
import { usePage } from "../state/page.ts";

type OrderTimelineProps = {
  readonly orderId: number;
  readonly steps: readonly Step[];
  readonly hasMoreRejections: boolean;
};

/** What happened to an order, in its order. */
export function OrderTimeline({ orderId, steps, hasMoreRejections }: OrderTimelineProps) {
  const { speech, may } = usePage();
  const { order: words } = speech.words;
  if (steps.length === 0) return null;
  const hasRejections = steps.some(({ kind }) => kind === "rejection");
  return (
    <section aria-labelledby="timeline-title">
      <h2 id="timeline-title">{words.timeline}</h2>
      <ol class="timeline">
        {steps.map((step, index) => (
          <li key={index} data-step={step.kind}>
            <StepText step={step} />{" "}
            {"at" in step && step.kind !== "deferred" && (
              <time class="dim" dateTime={step.at}>
                {speech.moment(step.at)}
              </time>
            )}
          </li>
        ))}
      </ol>
      {hasRejections && may("rejections:manage") && (
        <p>
          <a href={`#/rejections?orderId=${orderId}&status=`}>
            {hasMoreRejections ? words.inspectMore : words.inspect}
          </a>
        </p>
      )}
    </section>
  );
}

function StepText({ step }: { readonly step: Step }) {
  const { speech, may } = usePage();
  const { order: words, reject } = speech.words;
  if (step.kind === "deferred")
    return <span>{words.steps.deferred(speech.whole(step.refusals), speech.moment(step.at))}</span>;
  if (step.kind !== "rejection") return <span>{words.steps[step.kind]}</span>;
  const { rejectionId, reason, status, times } = step.rejection;
  const text = words.steps.rejection(reject.reasons[reason], reject.statuses[status], speech.whole(times));
  return may("rejections:manage") ? <a href={`#/rejections/${rejectionId}?status=`}>{text}</a> : <span>{text}</span>;
}
