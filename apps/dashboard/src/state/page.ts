import type { Scope, Session } from "@pedidos/contract";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { type Speech, speak } from "../words/speak.ts";

/** What every part of the page may need to know. */
export type Page = {
  readonly speech: Speech;
  readonly session: Session;
  readonly may: (scope: Scope) => boolean;
};

const nobody: Session = { name: null, scopes: [], hasKeys: false };

export const PageContext = createContext<Page>({ speech: speak("en"), session: nobody, may: () => false });

export function usePage(): Page {
  return useContext(PageContext);
}

export function useWords() {
  return usePage().speech.words;
}
