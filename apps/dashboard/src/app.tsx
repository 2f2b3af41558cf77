import type { Scope, Session } from "@pedidos/contract";
import { useEffect, useMemo, useState } from "preact/hooks";
import { read } from "./api/client.ts";
import { describe } from "./parts/trouble.tsx";
import { Shell } from "./shell.tsx";
import { PageContext } from "./state/page.ts";
import { usePlace } from "./state/route.ts";
import { useAsked } from "./state/use-asked.ts";
import { Content } from "./views/content.tsx";
import { keepLanguage, type Language, preferredLanguage, speak } from "./words/speak.ts";

const SESSION_EVERY_MS = 60_000;

export function App() {
  const [language, setLanguage] = useState<Language>(() => preferredLanguage());
  const place = usePlace();
  const {
    answer: session,
    problem,
    askAgain,
  } = useAsked((signal) => read<Session>("/v1/session", {}, signal), "session", SESSION_EVERY_MS);
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const speech = useMemo(() => speak(language), [language]);
  const page = useMemo(() => {
    const known: Session = session ?? { name: null, scopes: [], hasKeys: false };
    return { speech, session: known, may: (scope: Scope) => known.scopes.includes(scope) };
  }, [speech, session]);
  const choose = (chosen: Language) => {
    keepLanguage(chosen);
    setLanguage(chosen);
  };
  return (
    <PageContext.Provider value={page}>
      <Shell place={place} onLanguage={choose} onSession={askAgain}>
        {session !== undefined && <Content key={session.name} place={place} />}
        {session === undefined && (
          <p class="status" role="status">
            {problem === undefined ? speech.words.working : describe(speech.words, problem)}
          </p>
        )}
      </Shell>
    </PageContext.Provider>
  );
}
