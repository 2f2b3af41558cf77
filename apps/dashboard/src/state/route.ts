import { useEffect, useState } from "preact/hooks";

/** A place of the page: what stands behind `#` in its address, so that no path of the API is taken. */
export type Place = { readonly path: readonly string[]; readonly query: URLSearchParams };

export function placeOf(hash: string): Place {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path.split("/").filter((part) => part !== ""), query: new URLSearchParams(query) };
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const follow = () => setPlace(placeOf(location.hash));
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
