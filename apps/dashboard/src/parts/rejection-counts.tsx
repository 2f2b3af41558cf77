import type { RejectionCounts as Counts } from "@pedidos/contract";
import { usePage } from "../state/page.ts";
import { addressOf, type RejectionFilter } from "../state/rejection-filter.ts";

const MOST_DAYS = 14;

type RejectionCountsProps = { readonly counts: Counts; readonly filter: RejectionFilter };

/** How many there are of each kind; each figure leads to those that it counts, and back to all from there. */
export function RejectionCounts({ counts, filter }: RejectionCountsProps) {
  const { speech } = usePage();
  const { reject: words } = speech.words;
  const { rejections, isCapped, byReason, bySource, byDay } = counts;
  const group = (name: "reason" | "source" | "day", title: string, figures: readonly Figure[]) => (
    <Group
      title={title}
      figures={figures}
      picked={filter[name]}
      hrefOf={(value) => addressOf({ ...filter, [name]: value })}
    />
  );
  return (
    <section class="counts" aria-labelledby="counts-title">
      <h2 id="counts-title">{(isCapped ? words.countedOver : words.counted)(speech.whole(rejections))}</h2>
      <div class="groups">
        {group(
          "reason",
          words.reason,
          byReason.map((one) => ({ value: one.reason, name: words.reasons[one.reason], count: one.rejections })),
        )}
        {group(
          "source",
          words.source,
          bySource.map((one) => ({ value: one.source, name: words.sources[one.source], count: one.rejections })),
        )}
        {group(
          "day",
          words.day,
          byDay
            .slice(0, MOST_DAYS)
            .map((one) => ({ value: one.day, name: speech.day(one.day), count: one.rejections })),
        )}
      </div>
    </section>
  );
}

type Figure = { readonly value: string; readonly name: string; readonly count: number };
type GroupProps = {
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly picked: string;
  readonly hrefOf: (value: string) => string;
};

function Group({ title, figures, picked, hrefOf }: GroupProps) {
  const { speech } = usePage();
  const { reject: words } = speech.words;
  if (figures.length === 0) return null;
  return (
    <div>
      <h3>{title}</h3>
      <ul class="plain">
        {figures.map(({ value, name, count }) => (
          <li key={value}>
            <a href={hrefOf(value)} aria-current={value === picked ? "true" : undefined}>
              {name}
            </a>{" "}
            <span class="exact">{speech.whole(count)}</span>
          </li>
        ))}
        {picked !== "" && (
          <li>
            <a href={hrefOf("")}>{words.anyOf(title)}</a>
          </li>
        )}
      </ul>
    </div>
  );
}
