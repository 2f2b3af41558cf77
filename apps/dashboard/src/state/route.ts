import { useEffect, useState } from "preact/hooks";
import { arrive, leave } from "./visits.ts";

/** A place of the page: what stands behind `#` in its address, so that no path of the API is taken. */
export type Place = { readonly path: readonly string[]; readonly query: URLSearchParams };

export function placeOf(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter((part) => part !== ""), query: new URLSearchParams(query) };
}

/** A place that somebody is at. */
export type VisitedPlace = Place & {
  /** How far it was scrolled before; undefined if it is new, and not one returned to. */
  readonly scrolled: number | undefined;
};

export function usePlace(): VisitedPlace {
  const [place, setPlace] = useState(() => ({ ...placeOf(location.hash), scrolled: arrive() }));
  useEffect(() => {
    const follow = () => {
      leave();
      setPlace({ ...placeOf(location.hash), scrolled: arrive() });
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return place;
}

/** → the id in a text that a person wrote or a link holds; undefined if it is none. */
export function parseId(text: string | undefined): number | undefined {
  const digits = text?.trim() ?? "";
  if (!/^[1-9][0-9]{0,15}$/.test(digits)) return undefined;
  const id = Number(digits);
  return id <= Number.MAX_SAFE_INTEGER ? id : undefined;
}
