import { useRef, useState } from "preact/hooks";
import { change } from "../api/client.ts";
import { problemOf } from "../state/keep-asking.ts";
import { useWords } from "../state/page.ts";
import { describe } from "./trouble.tsx";

/** A button, and behind it the form that takes a key. */
export function SignIn({ onSignedIn }: { readonly onSignedIn: () => void }) {
  const words = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const [key, setKey] = useState("");
  const [trouble, setTrouble] = useState("");
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await change("/v1/session", { method: "POST", body: JSON.stringify({ key: key.trim() }) });
      dialog.current?.close();
      onSignedIn();
    } catch (error) {
      const problem = problemOf(error);
      setTrouble(problem.status === 401 || problem.status === 400 ? words.key.unknown : describe(words, problem, true));
    }
  };
  return (
    <>
      <button type="button" class="primary" onClick={() => dialog.current?.showModal()}>
        {words.signIn}
      </button>
      <dialog ref={dialog} aria-labelledby="sign-in-title">
        <form onSubmit={submit}>
          <h2 id="sign-in-title">{words.key.title}</h2>
          <p>{words.key.hint}</p>
          <label class="field">
            <span>{words.key.label}</span>
            <input
              type="password"
              autocomplete="current-password"
              required
              value={key}
              onInput={({ currentTarget }) => setKey(currentTarget.value)}
            />
          </label>
          <p class="trouble" role="alert">
            {trouble}
          </p>
          <p class="actions">
            <button type="submit" class="primary">
              {words.signIn}
            </button>
            <button type="button" class="quiet" onClick={() => dialog.current?.close()}>
              {words.close}
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}
