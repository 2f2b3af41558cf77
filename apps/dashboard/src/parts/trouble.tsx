import type { Problem } from "../api/client.ts";
import { useWords } from "../state/page.ts";
import type { Words } from "../words/english.ts";

/**
 * → what went wrong, in the reader's language if it is known there, else as the server reports it.
 *
 * @param isAction whether it was done by hand, once, and not asked as everything that is shown
 */
export function describe(words: Words, { status, title, kind, message }: Problem, isAction = false): string {
  if (status === 0) return isAction ? words.notSent : words.noAnswer;
  return (kind && words.problems[kind]) || message || words.failed(title);
}

/** What went wrong, and a way to try again. */
export function Trouble({
  problem,
  isAction,
  onRetry,
}: {
  readonly problem: Problem | undefined;
  readonly isAction?: boolean;
  readonly onRetry?: () => void;
}) {
  const words = useWords();
  if (problem === undefined) return null;
  return (
    <div class="trouble" role="alert">
      <p>{describe(words, problem, isAction)}</p>
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          {words.tryAgain}
        </button>
      )}
    </div>
  );
}
