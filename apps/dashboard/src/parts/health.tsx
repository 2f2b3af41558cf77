import type { Consuming, Overview } from "@pedidos/contract";
import { useState } from "preact/hooks";
import { change, type Problem, read } from "../api/client.ts";
import { problemOf } from "../state/keep-asking.ts";
import { usePage } from "../state/page.ts";
import { useAsked } from "../state/use-asked.ts";
import { Trouble } from "./trouble.tsx";

const CONSUMING_EVERY_MS = 10_000;

/** How the database and the broker are, and whether orders are being recorded. */
export function Health({ overview }: { readonly overview: Overview }) {
  const { speech, may } = usePage();
  const { health } = speech.words;
  const { readiness } = overview;
  const { database, broker } = readiness.dependencies;
  const parts = [
    { name: health.database, state: database },
    ...(broker === undefined ? [] : [{ name: health.broker, state: broker }]),
    { name: health.consuming, state: recordingIn(overview) },
  ] as const;
  return (
    <section class="health" aria-labelledby="health-title">
      <h2 id="health-title">{health.title}</h2>
      <ul>
        {parts.map(({ name, state }) => (
          <li key={name} data-state={state}>
            <span class="lamp" aria-hidden="true" />
            <span>{name}</span>
            <strong>{health[state]}</strong>
          </li>
        ))}
      </ul>
      {may("operations:manage") && <Consumption isPaused={readiness.consuming === "paused"} />}
    </section>
  );
}

/** → whether orders are recorded now, as far as it is known. */
function recordingIn({ readiness, consumers, stalledSince }: Overview): "paused" | "stopped" | "nobody" | "running" {
  if (readiness.consuming === "paused") return "paused";
  if (consumers === 0) return "nobody";
  return readiness.dependencies.database === "down" || stalledSince !== null ? "stopped" : "running";
}

/** Stops recording on every consumer, and starts it again. */
function Consumption({ isPaused }: { readonly isPaused: boolean }) {
  const { speech } = usePage();
  const { health } = speech.words;
  const {
    answer: consuming,
    problem,
    askAgain,
  } = useAsked(
    (signal) => read<Consuming>("/v1/consuming", {}, signal),
    isPaused ? "paused" : "running",
    CONSUMING_EVERY_MS,
  );
  const [trouble, setTrouble] = useState<Problem>();
  const paused = consuming?.paused ?? isPaused;
  const toggle = async () => {
    setTrouble(undefined);
    try {
      await change("/v1/consuming", { method: "PUT", body: JSON.stringify({ paused: !paused }) });
    } catch (error) {
      setTrouble(problemOf(error));
    }
    askAgain();
  };
  return (
    <>
      {paused && consuming?.since != null && (
        <p class="hint">{health.since(speech.moment(consuming.since), consuming.by ?? health.somebody)}</p>
      )}
      <button type="button" onClick={toggle}>
        {paused ? health.resume : health.pause}
      </button>
      {!paused && <p class="hint">{health.pauseHint}</p>}
      <Trouble problem={trouble ?? problem} isAction={trouble !== undefined} />
    </>
  );
}
