import type { Problem } from "../api/client.ts";
import { useWords } from "../state/page.ts";
import type { Words } from "../words/english.ts";

/** → what went wrong, as the server reports it if it does. */
export function describe(words: Words, { status, title, message }: Problem): string {
  if (status === 0) return words.noAnswer;
  return message === "" ? words.failed(title) : message;
}

/** What went wrong, and a way to try again. */
export function Trouble({
  problem,
  onRetry,
}: {
  readonly problem: Problem | undefined;
  readonly onRetry?: () => void;
}) {
  const words = useWords();
  if (problem === undefined) return null;
  return (
    <div class="trouble" role="alert">
      <p>{describe(words, problem)}</p>
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          {words.tryAgain}
        </button>
      )}
    </div>
  );
}
