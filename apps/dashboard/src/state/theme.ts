import { useEffect, useState } from "preact/hooks";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const KEPT = "theme";

/** The colours that were chosen here; by default the system's. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(
    () => themes.find((name) => name === localStorage.getItem(KEPT)) ?? "system",
  );
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    dispatchEvent(new Event("themechange"));
  }, [theme]);
  const choose = (chosen: Theme) => {
    localStorage.setItem(KEPT, chosen);
    setTheme(chosen);
  };
  return [theme, choose];
}
