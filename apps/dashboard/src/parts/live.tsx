import type { ComponentChildren } from "preact";
import { usePage } from "../state/page.ts";

type LiveProps = {
  /** When what is shown was true, if it is no longer live. */
  readonly staleSince: string | undefined;
  readonly children: ComponentChildren;
};

/** What changes by itself: while it can't, it is dimmed, and dated. */
export function Live({ staleSince, children }: LiveProps) {
  const { speech } = usePage();
  return (
    <div class="live" data-stale={staleSince !== undefined}>
      {staleSince !== undefined && <p class="as-of">{speech.words.asOf(speech.clock(staleSince))}</p>}
      {children}
    </div>
  );
}
