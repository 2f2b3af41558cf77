import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { change, urlOf } from "./api/client.ts";
import { SignIn } from "./parts/sign-in.tsx";
import { usePage } from "./state/page.ts";
import type { VisitedPlace } from "./state/route.ts";
import { themes, useTheme } from "./state/theme.ts";
import { type Language, languages } from "./words/speak.ts";

type ShellProps = {
  readonly place: VisitedPlace;
  readonly onLanguage: (language: Language) => void;
  readonly onSession: () => void;
  readonly children: ComponentChildren;
};

/** The frame of every view: navigation, the signed-in key, language and theme. */
export function Shell({ place, onLanguage, onSession, children }: ShellProps) {
  const { speech, may, session } = usePage();
  const { words } = speech;
  const [theme, setTheme] = useTheme();
  const main = useRef<HTMLElement>(null);
  // A rejection is shown beside the others, and takes the focus itself.
  const view = place.path[0] === "rejections" ? "rejections" : place.path.join("/");
  const shown = useRef({ place, view });
  // A new view is read out from its beginning; one that is returned to is as it was.
  useLayoutEffect(() => {
    const before = shown.current;
    shown.current = { place, view };
    if (before.place === place) return;
    if (before.view !== view) main.current?.focus({ preventScroll: true });
    if (place.scrolled !== undefined || before.view !== view) scrollTo(0, place.scrolled ?? 0);
  }, [place, view]);
  const sections = [
    { name: words.now, path: "", isShown: true },
    { name: words.orders, path: "orders", isShown: may("orders:read") },
    { name: words.rejections, path: "rejections", isShown: may("rejections:manage") },
    { name: words.deadLetters, path: "dead-letters", isShown: may("operations:manage") },
  ];
  const here = place.path[0] === "customers" ? "orders" : (place.path[0] ?? "");
  const signOut = () => void change("/v1/session", { method: "DELETE" }).then(onSession, onSession);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        {words.skip}
      </button>
      <header class="top">
        <a class="mark" href="#/">
          <svg viewBox="0 0 32 32" aria-hidden="true">
            <path d="M5 8h22M5 16h22M5 24h12" />
            <path class="tick" d="m20 23.5 3 3 5.5-6.5" />
          </svg>
          Pedidos
        </a>
        <nav aria-label={words.sections}>
          {sections
            .filter(({ isShown }) => isShown)
            .map(({ name, path }) => (
              <a key={path} href={`#/${path}`} aria-current={here === path ? "page" : undefined}>
                {name}
              </a>
            ))}
        </nav>
        <div class="tools">
          {session.hasKeys && session.name === null && <SignIn onSignedIn={onSession} />}
          {session.name !== null && (
            <button type="button" class="quiet" onClick={signOut} title={words.signedInAs(session.name)}>
              {words.signOut}
            </button>
          )}
          <label class="pick">
            <span class="unseen">{words.theme.label}</span>
            <select
              value={theme}
              onChange={({ currentTarget }) => {
                const chosen = themes.find((name) => name === currentTarget.value);
                if (chosen !== undefined) setTheme(chosen);
              }}
            >
              {themes.map((name) => (
                <option key={name} value={name}>
                  {words.theme[name]}
                </option>
              ))}
            </select>
          </label>
          <label class="pick">
            <span class="unseen">{words.language}</span>
            <select
              value={speech.language}
              onChange={({ currentTarget }) => onLanguage(currentTarget.value === "pt-BR" ? "pt-BR" : "en")}
            >
              {Object.entries(languages).map(([tag, { name }]) => (
                <option key={tag} value={tag} lang={tag}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        </div>
      </header>
      <main id="content" ref={main} tabIndex={-1}>
        {children}
      </main>
      <footer class="foot">
        <a href={urlOf("/docs")}>{words.documentation}</a>
      </footer>
    </>
  );
}
