import type { Overview } from "../api/answers.ts";
import { usePage } from "../state/page.ts";

/** How the database and the broker are. */
export function Health({ readiness }: { readonly readiness: Overview["readiness"] }) {
  const { words } = usePage().speech;
  const { database, broker } = readiness.dependencies;
  const parts = [
    { name: words.health.database, state: database },
    ...(broker === undefined ? [] : [{ name: words.health.broker, state: broker }]),
  ];
  return (
    <section class="health" aria-labelledby="health-title">
      <h2 id="health-title">{words.health.title}</h2>
      <ul>
        {parts.map(({ name, state }) => (
          <li key={name} data-state={state}>
            <span class="lamp" aria-hidden="true" />
            <span>{name}</span>
            <strong>{words.health[state]}</strong>
          </li>
        ))}
      </ul>
    </section>
  );
}
