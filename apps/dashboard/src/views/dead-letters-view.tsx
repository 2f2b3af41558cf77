import type { DeadLetter, DeadLetters } from "@pedidos/contract";
import { useState } from "preact/hooks";
import { change, type Problem, read } from "../api/client.ts";
import { FaultyBody } from "../parts/faulty-body.tsx";
import { Trouble } from "../parts/trouble.tsx";
import { problemOf } from "../state/keep-asking.ts";
import { usePage } from "../state/page.ts";
import { useAsked } from "../state/use-asked.ts";

const SHOWN = 50;

/** The broker's safety net: inspected without removing anything, and put back one by one. */
export function DeadLettersView() {
  const { speech } = usePage();
  const { dead: words } = speech.words;
  const { answer, problem, askAgain } = useAsked(
    (signal) => read<DeadLetters>("/v1/dead-letters", { limit: SHOWN }, signal),
    "dead letters",
  );
  const [said, setSaid] = useState("");
  const settle = (text: string) => {
    setSaid(text);
    askAgain();
  };
  return (
    <>
      <div class="intro">
        <h1>{words.title}</h1>
        <p class="lead">{words.hint}</p>
      </div>
      {problem?.status === 404 ? <p>{words.noBroker}</p> : <Trouble problem={problem} onRetry={askAgain} />}
      <p role="status" class="said">
        {said}
      </p>
      {answer !== undefined && (
        <div class="title-row">
          <p class={answer.depth === 0 ? "good" : ""}>
            {answer.depth === 0 ? words.empty : words.depth(speech.whole(answer.depth))}
          </p>
          <button type="button" class="quiet" onClick={askAgain}>
            {words.lookAgain}
          </button>
        </div>
      )}
      <ul class="plain letters">
        {answer?.deadLetters.map((letter) => (
          <li key={letter.deadLetterId}>
            <Letter letter={letter} onSettled={settle} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Letter({ letter, onSettled }: { readonly letter: DeadLetter; readonly onSettled: (said: string) => void }) {
  const { speech } = usePage();
  const { dead: words, reject, notKnown } = speech.words;
  const { deadLetterId, queue, reason, size, body, bodyEncoding, truncated, diedAt } = letter;
  const [problem, setProblem] = useState<Problem>();
  const [isBusy, setIsBusy] = useState(false);
  const requeue = async () => {
    setIsBusy(true);
    setProblem(undefined);
    try {
      await change(`/v1/dead-letters/${deadLetterId}/requeue`, { method: "POST" });
      onSettled(words.requeued);
    } catch (error) {
      const found = problemOf(error);
      if (found.status === 404) onSettled(words.gone);
      else setProblem(found);
    }
    setIsBusy(false);
  };
  return (
    <article class="letter">
      <dl class="facts">
        <div>
          <dt>{words.queue}</dt>
          <dd>{queue ?? notKnown}</dd>
        </div>
        <div>
          <dt>{words.reason}</dt>
          <dd>
            <code>{reason}</code>
          </dd>
        </div>
        <div>
          <dt>{words.died}</dt>
          <dd>{diedAt === null ? notKnown : speech.moment(diedAt)}</dd>
        </div>
        <div>
          <dd>{words.size(speech.whole(size))}</dd>
        </div>
      </dl>
      {truncated && <p class="hint">{words.truncated}</p>}
      {bodyEncoding === "base64" && <p class="hint">{reject.bytes}</p>}
      <FaultyBody body={body} faults={[]} />
      <Trouble problem={problem} isAction />
      <p class="actions">
        <button type="button" disabled={isBusy} onClick={requeue}>
          {words.requeue}
        </button>
      </p>
    </article>
  );
}
